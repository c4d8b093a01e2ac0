import { BUFFER_LENGTHS } from '../spec/iommufd/buffers.ts';
import { COMPAT_CALLS, COMPAT_IOCTLS } from '../spec/iommufd/compat.ts';
import { IOCTLS, type IoctlTable } from '../spec/iommufd/ioctls.ts';
import type { StructField } from '../spec/struct.ts';
import { DEVICE_CALLS } from '../spec/vfio/device-calls.ts';
import { VFIO_IOCTLS } from '../spec/vfio/ioctls.ts';

type On = 'ON_IOMMUFD' | 'ON_DEVICE' | 'ON_CONTAINER';

/** Their argument is a number, not the address of a struct. */
const NUMBERS: ReadonlySet<string> = new Set(['VFIO_CHECK_EXTENSION', 'VFIO_SET_IOMMU']);

/** The token of a virtual function's owner (struct vfio_device_bind_iommufd): 16 bytes that are told to nobody. */
const SECRET_BYTES = 16;

/** Calls on files of groups that are recorded and not modelled (linux/vfio.h). */
const GROUP_CALLS: Readonly<Record<string, Pick<IoctlTable, 'name' | 'nr' | 'size' | 'fields'>>> = {
  groupStatus: { name: 'VFIO_GROUP_GET_STATUS', nr: 0x67, size: 8, fields: { argsz: field(0, 4) } },
  groupSetContainer: { name: 'VFIO_GROUP_SET_CONTAINER', nr: 0x68, size: 4, fields: {} },
  groupUnsetContainer: { name: 'VFIO_GROUP_UNSET_CONTAINER', nr: 0x69, size: 0, fields: {} },
  groupGetDeviceFd: { name: 'VFIO_GROUP_GET_DEVICE_FD', nr: 0x6a, size: 0, fields: {} },
};

function field(offset: number, width: 4 | 8): StructField {
  return { offset, width, direction: 'in' };
}

/**
 * The recorder's tables.c: what of each call leaves the process, made of the declarations of structs. There is no second
 * place that says how long a struct is or where it points.
 */
export function recorderTables(): string {
  const rows = [
    ...rowsOf('ON_IOMMUFD', { ...IOCTLS, ...COMPAT_IOCTLS, ...COMPAT_CALLS }),
    ...rowsOf('ON_DEVICE', { ...VFIO_IOCTLS, ...DEVICE_CALLS }),
    ...rowsOf('ON_CONTAINER', { ...COMPAT_IOCTLS, ...COMPAT_CALLS, ...GROUP_CALLS }),
  ];
  return `/* Made of the declarations in spec/. */
#include "recorder.h"

const struct call CALLS[] = {
${rows.map((row) => `\t${row},`).join('\n')}
};

const size_t CALL_COUNT = sizeof(CALLS) / sizeof(CALLS[0]);
`;
}

function rowsOf(
  on: On,
  tables: Readonly<Record<string, Pick<IoctlTable, 'name' | 'nr' | 'size' | 'fields'>>>,
): readonly string[] {
  return Object.entries(tables).map(([key, { name, nr, size, fields }]) => {
    const sized = 'size' in fields || 'argsz' in fields;
    const pointers = Object.values(fields).flatMap((each) =>
      'buffer' in each ? [pointerOf(key, each, fields)] : [],
    );
    const list = pointers.length === 0 ? '{ { 0 } }' : `{ ${pointers.join(', ')} }`;
    return `{ ${on}, 0x${nr.toString(16)}, "${name}", ${size}, ${sized}, ${NUMBERS.has(name)}, ${pointers.length}, ${list} }`;
  });
}

function pointerOf(
  key: string,
  { offset, buffer }: Extract<StructField, { buffer: unknown }>,
  fields: IoctlTable['fields'],
): string {
  const said = BUFFER_LENGTHS[key];
  const place = (name: string | undefined): string => {
    const at = name === undefined ? undefined : fields[name];
    return at === undefined ? '{ 0, 0 }' : `{ ${at.offset}, ${at.width} }`;
  };
  const direction = { in: 'IN', out: 'OUT', inout: 'INOUT' }[buffer];
  const { each, times, per, bits } = said ?? { each: SECRET_BYTES, times: [] };
  const [first, second] = times;
  return `{ ${offset}, ${direction}, ${said === undefined}, ${each}, ${place(first)}, ${place(second)}, ${place(per)}, ${bits === true} }`;
}
