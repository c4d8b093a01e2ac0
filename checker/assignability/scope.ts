import { ALL_HARDWARE } from '../../spec/pasid/descriptions.ts';
import type { IommuHardware } from '../../spec/pasid/hardware.ts';
import { assignabilityScope } from '../../workload/scopes/assignability.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import { changedScope } from '../platform/apply.ts';

/**
 * The scope on which it is decided what can be assigned behind some hardware. That of hardware which nestcheck does not
 * have is the scope of the hardware that is most like it, with what differs set: so its traces carry it.
 */
export function scopeBehind(hardware: IommuHardware): Scope {
  if (ALL_HARDWARE.some(({ name }) => name === hardware.name)) return assignabilityScope(hardware);
  const [nearest] = ALL_HARDWARE.map((base) => ({ base, set: settingsFrom(base, hardware) })).sort(
    (one, other) => one.set.length - other.set.length,
  );
  if (nearest === undefined) throw new Error('nestcheck has no description of hardware');
  return changedScope(assignabilityScope(nearest.base), { name: hardware.name, set: nearest.set });
}

/** What makes of one description another, as settings of a platform. */
function settingsFrom(base: IommuHardware, wanted: IommuHardware): readonly string[] {
  const now = fieldsOf(base);
  return Object.entries(fieldsOf(wanted))
    .filter(([name, text]) => now[name] !== text)
    .map(([name, text]) => `pasid.${name}=${text}`);
}

/** The fields that say what hardware can do, as settings have them. */
function fieldsOf(hardware: IommuHardware): Readonly<Record<string, string>> {
  const { name: _, summary: __, source: ___, ...fields } = hardware;
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, textOf(value)]));
}

function textOf(value: boolean | string | readonly string[]): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'string') return value;
  return value.length === 0 ? 'none' : value.toSorted().join('+');
}
