import { textOfVectors } from '../json-document.ts';
import { parseVectorFile, type VectorFile } from './vector-file.ts';

/**
 * Reads a vector file, `.json` or `.json.gz`.
 * @throws InputError if it cannot be read, unpacked or understood.
 */
export async function readVectorFile(path: string): Promise<VectorFile> {
  return parseVectorFile(path, await textOfVectors(path));
}
