import type { VtdTable } from '../../model/vtd/driver/effects.ts';
import type { Words } from '../../model/world/command.ts';
import { decodeDescriptor } from '../../spec/vtd/descriptor.ts';
import { hex } from '../trace/values.ts';

/** `PASID table entry 1`, `context entry`. */
export function tableText(what: VtdTable): string {
  switch (what.table) {
    case 'context':
      return 'context entry';
    case 'pasid':
      return `PASID table entry ${what.pasid}`;
    case 'directory':
      return `PASID directory entry ${what.index}`;
    case 'leaf':
      return `each entry of page ${what.index} of the PASID table`;
  }
}

/** `IOTLB G=2 DID=3`: fields that are zero are left out. */
export function descriptorText(words: Words): string {
  const descriptor = decodeDescriptor(words);
  if (descriptor === null) return `illegal descriptor ${words.map(hex).join(' ')}`;
  const fields = Object.entries(descriptor.fields)
    .filter(([name, value]) => name !== 'Type' && value !== 0 && value !== 0n)
    .map(([name, value]) => ` ${name}=${typeof value === 'bigint' ? hex(value) : value}`);
  return descriptor.name + fields.join('');
}
