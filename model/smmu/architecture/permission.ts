import type { Access } from './access.ts';
import { high, low } from './descriptor.ts';
import type { SmmuArchitectureRules } from './rules.ts';
import type { Stage1Configuration } from './stage1-configuration.ts';

/** What a stage-1 leaf permits to one privilege level. */
export interface Rights {
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
}

/**
 * The rights that a stage-1 leaf gives to privileged or to unprivileged accesses (Arm ARM D8.4).
 * `bits` and `upper` are the leaf's low and high bits, `hierarchy` the APTable and XNTable bits met above it.
 */
export function rightsOf(
  bits: number,
  upper: number,
  hierarchy: number,
  privileged: boolean,
  context: Stage1Configuration,
  rules: SmmuArchitectureRules,
): Rights {
  const dirtiable = context.dirtyUpdates && (upper & high.dirtyBitModifier) !== 0;
  const readOnly = ((bits & low.ap2) !== 0 && !dirtiable) || (hierarchy & high.apTable1) !== 0;
  const neverUnprivileged = (upper & high.uxn) !== 0 || (hierarchy & high.uxnTable) !== 0;
  // EL2 has one privilege level and one XN bit, where stage 1 of EL1 has UXN.
  if (context.el2 || !rules.distinguishesPrivilege) {
    const write = !readOnly;
    return { read: true, write, execute: !neverUnprivileged && !(context.wxn && write) };
  }
  const unprivileged = (bits & low.ap1) !== 0 && (hierarchy & high.apTable0) === 0;
  if (!privileged) {
    const write = unprivileged && !readOnly;
    return { read: unprivileged, write, execute: !neverUnprivileged && !(context.wxn && write) };
  }
  const denied = context.pan && unprivileged;
  const neverPrivileged = (upper & high.pxn) !== 0 || (hierarchy & high.pxnTable) !== 0;
  // What unprivileged code may write, privileged code may not execute.
  const writableBelow = unprivileged && !readOnly;
  const write = !readOnly && !denied;
  return {
    read: !denied,
    write,
    execute: !neverPrivileged && !writableBelow && !(context.wxn && !readOnly),
  };
}

export function permits(rights: Rights, access: Access): boolean {
  if (access.instruction) return rights.execute;
  return access.write ? rights.write : rights.read;
}
