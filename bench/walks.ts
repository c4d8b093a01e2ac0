import { join } from 'node:path';
import { memoryOf } from '../conformance/vectors/observe.ts';
import { readVectorFile } from '../conformance/vectors/read.ts';
import { dataAccess } from '../model/smmu/architecture/access.ts';
import { implementationOf } from '../model/smmu/architecture/implementation.ts';
import { smmuArchitectureIntended } from '../model/smmu/architecture/rules.ts';
import { translateThroughSte } from '../model/smmu/architecture/translate.ts';
import { ROOT } from '../tools/committed.ts';
import { measure } from './measure.ts';

const VECTORS = 'conformance/recordings/qemu-11.1.3/vectors-a.json.gz';

/** Whole translations, STE and CD decoding and both stages included, of recorded configurations. */
export async function benchWalks(): Promise<void> {
  const file = await readVectorFile(join(ROOT, VECTORS));
  const implementation = implementationOf(file.registers);
  const walks = file.configs.flatMap((config) => {
    const read = memoryOf(file, config);
    return config.accesses.map(({ iova, write }) => {
      const access = dataAccess(file.streamId, iova, write ? 'write' : 'read');
      return () => translateThroughSte(config.ste, access, implementation, read, smmuArchitectureIntended);
    });
  });
  process.stdout.write(`architecture, ${walks.length} accesses of ${VECTORS}\n`);
  measure('  translations', walks.length, () => {
    for (const walk of walks) walk();
  });
}
