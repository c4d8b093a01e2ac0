import { ALL_IOCTLS, type AnyIoctlName } from '../../model/world/command.ts';
import type { StructField, StructTable } from '../../spec/struct.ts';

/** Names of the headers that the spec has otherwise. */
const FIELD_NAMES: Readonly<Record<string, string>> = {
  reserved: '__reserved',
  reserved2: '__reserved2',
  regionSize: 'size',
};

/** `outHwptId` is `out_hwpt_id` in linux/iommufd.h. */
export function fieldName(field: string): string {
  return FIELD_NAMES[field] ?? field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The struct's type in the header; '' where the call takes none. */
export function structName(name: AnyIoctlName): string {
  return (ALL_IOCTLS[name] as StructTable).struct;
}

/**
 * What a program needs of linux/iommufd.h and linux/vfio.h, as these give it: structs and numbers, so that it compiles where
 * the headers are older than the interface. With USE_SYSTEM_HEADERS it takes the system's instead.
 */
export function declarations(names: readonly AnyIoctlName[]): readonly string[] {
  const used = [...new Set(names)];
  const structs = [
    ...new Map(
      used.filter((name) => structName(name) !== '').map((name) => [structName(name), name]),
    ).values(),
  ];
  return [
    '#ifdef USE_SYSTEM_HEADERS',
    '#include <linux/iommufd.h>',
    '#include <linux/vfio.h>',
    '#else',
    ...structs.flatMap(structLines),
    ...used.map((name) => {
      const { name: own, nr } = ALL_IOCTLS[name];
      return `#define ${own} _IO(';', 0x${nr.toString(16)})`;
    }),
    '#endif',
  ];
}

function structLines(name: AnyIoctlName): readonly string[] {
  const table: StructTable = ALL_IOCTLS[name];
  const fields = Object.entries(table.fields).sort(([, a], [, b]) => a.offset - b.offset);
  const lines: string[] = [`struct ${table.struct} {`];
  let at = 0;
  let holes = 0;
  const fill = (to: number): void => {
    if (to > at) lines.push(`\t__u8 __hole${holes++}[${to - at}];`);
  };
  for (const [field, layout] of fields) {
    fill(layout.offset);
    lines.push(`\t${typeOf(layout)} ${fieldName(field)};`);
    at = layout.offset + layout.width;
  }
  fill(table.size);
  return [...lines, '};', ''];
}

function typeOf(layout: StructField): string {
  if (layout.width === 8) return '__aligned_u64';
  return 'signed' in layout ? `__s${8 * layout.width}` : `__u${8 * layout.width}`;
}
