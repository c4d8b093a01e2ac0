import { ALL_IOCTLS, isIoctl } from '../../model/world/command.ts';
import type { StructTable } from '../../spec/struct.ts';
import { hasFreeProcess } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

/** The reserved fields of each ioctl's struct. */
const RESERVED: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(ALL_IOCTLS as Readonly<Record<string, StructTable>>).map(([name, { fields }]) => [
    name,
    Object.keys(fields).filter((field) => {
      const layout = fields[field];
      return layout !== undefined && 'reserved' in layout;
    }),
  ]),
);

/** Fields that the uAPI calls reserved but that no first version of the struct had: older kernels cannot know them. */
const LATER_FIELDS: ReadonlySet<string> = new Set(['reserved2']);

function setReserved({ command }: Transition): string | null {
  if (!isIoctl(command.command)) return null;
  const args = command.args as unknown as Readonly<Record<string, unknown>>;
  const { fields }: StructTable = ALL_IOCTLS[command.command];
  for (const field of RESERVED.get(command.command) ?? []) {
    // A kernel does not see what lies behind the size that the struct says.
    const isSeen = typeof args.size !== 'number' || (fields[field]?.offset ?? 0) < args.size;
    if (isSeen && args[field] !== 0 && !LATER_FIELDS.has(field)) return field;
  }
  return null;
}

export const reservedFieldsRefused: StepProperty = {
  id: 'reserved-fields-refused',
  sentence: 'A call whose reserved field is not zero fails, so that the field can get a meaning later.',
  source: 'include/uapi/linux/iommufd.h: General ioctl format',
  kind: 'step',
  appliesTo: hasFreeProcess,
  brokenBy: 'viommu-reserved-ignored',
  violated(transition) {
    const field = transition.result.ok ? setReserved(transition) : null;
    return field === null ? null : `${transition.command.command} took a non-zero \`${field}\``;
  },
  witness: (transition) => setReserved(transition) !== null,
};
