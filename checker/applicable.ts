import type { Property } from '../properties/property.ts';
import type { Scope } from '../workload/scopes/scope.ts';

/** Whether a property can mean anything on a scope's platform: where it does not say, where processes have devices. */
export function appliesTo(property: Property, { platform }: Scope): boolean {
  return property.appliesTo?.(platform) ?? platform.devices.length > 0;
}

/**
 * Those of the properties that mean something on some of the scopes, and those that an exact name asks for all the
 * same: whoever asks is told that there is nothing to see.
 */
export function applicable(
  properties: readonly Property[],
  scopes: readonly Scope[],
  names: readonly string[],
): readonly Property[] {
  return properties.filter(
    (each) => names.includes(each.id) || scopes.some((scope) => appliesTo(each, scope)),
  );
}
