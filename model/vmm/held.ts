import { sameState } from '../world/equal.ts';
import { putVm, type Vmm, vmOf } from './process.ts';
import { isEnabled, steInMemory } from './stream.ts';
import type { SteFound } from './table.ts';
import { type Held, NOTHING_HELD, type PluggedDevice, type Vm, type Vsmmu } from './vm.ts';
import { changeVsmmu, vsmmuAt } from './vsmmu.ts';

/*
 * What caches of the guest's own SMMU may hold of its stream table entries, advanced by stores, CFGI commands and SMMUEN
 * as the architecture says. No VMM looks at it: it is what a guest may rely on.
 */

const NONE: readonly SteFound[] = Object.freeze([]);

function change(vmm: Vmm, index: number, to: (device: PluggedDevice) => Held): void {
  const { devices } = vsmmuAt(vmm, index);
  let changed = false;
  const after = devices.map((device) => {
    const held = to(device);
    if (held === device.held) return device;
    changed = true;
    return { ...device, held };
  });
  if (changed) changeVsmmu(vmm, index, { devices: after });
}

function joined(list: readonly SteFound[], found: SteFound): readonly SteFound[] {
  return list.some((each) => sameState(each, found)) ? list : [...list, found];
}

/**
 * Does something to memory or registers. Entries that are not there any longer may be cached if they can have been
 * fetched, and what is now in memory is not among the old.
 */
export function changingTables(vmm: Vmm, act: () => void): void {
  const before = vmOf(vmm).vsmmus.map((vsmmu) => entriesOf(vmm, vsmmu));
  act();
  vmOf(vmm).vsmmus.forEach((vsmmu, index) => {
    const now = entriesOf(vmm, vsmmu);
    change(vmm, index, ({ vsid, held }) => {
      const old = before[index]?.get(vsid);
      const present = now.get(vsid);
      if (old === undefined || present === undefined || !held.fetched || sameState(old, present)) return held;
      return { ...held, old: joined(held.old, old) };
    });
  });
}

/** Writes the guest's memory, whoever does it: an entry may lie there. */
export function putMemory(vmm: Vmm, memory: Vm['memory']): void {
  const vm = vmOf(vmm);
  if (memory !== vm.memory) changingTables(vmm, () => putVm(vmm, { ...vm, memory }));
}

function entriesOf({ tx, index }: Vmm, vsmmu: Vsmmu): ReadonlyMap<number, SteFound> {
  const entries = new Map<number, SteFound>();
  for (const { vsid, held } of vsmmu.devices)
    if (held.fetched) entries.set(vsid, steInMemory(tx.world, index, vsmmu, vsid));
  return entries;
}

/** SMMUEN is set: every entry may be fetched from now on. */
export function entriesMayBeFetched(vmm: Vmm, index: number): void {
  if (!isEnabled(vsmmuAt(vmm, index))) return;
  change(vmm, index, ({ held }) => (held.fetched ? held : { ...held, fetched: true }));
}

/** A CFGI command of these streams: what was cached before it goes with the next SYNC. */
export function entriesInvalidated(vmm: Vmm, index: number, isMeant: (vsid: number) => boolean): void {
  const fetched = isEnabled(vsmmuAt(vmm, index));
  change(vmm, index, ({ vsid, held }) => {
    if (!isMeant(vsid) || (held.old.length === 0 && held.fetched === fetched)) return held;
    return { fetched, old: NONE, going: held.old.reduce(joined, held.going) };
  });
}

/** A SYNC: earlier commands are complete. */
export function invalidationsComplete(vmm: Vmm, index: number): void {
  change(vmm, index, ({ held }) => (held.going.length === 0 ? held : { ...held, going: NONE }));
}

/** Reset: nothing is cached. */
export function entriesForgotten(vmm: Vmm): void {
  vmOf(vmm).vsmmus.forEach((_, index) => {
    change(vmm, index, ({ held }) =>
      held.fetched || held.old.length + held.going.length > 0 ? NOTHING_HELD : held,
    );
  });
}
