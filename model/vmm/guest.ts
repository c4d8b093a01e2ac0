import { decode, update } from '../../spec/bits.ts';
import { cr0, gbpa } from '../../spec/smmuv3/registers.ts';
import { done, type Result } from '../world/result.ts';
import type { VmmArgs } from './command.ts';
import { drainEvents } from './events.ts';
import { configure } from './place.ts';
import type { Vmm } from './process.ts';
import { isEnabled, readStes } from './stream.ts';
import type { GuestSte } from './vm.ts';
import { changeVsmmu, vsmmuAt } from './vsmmu.ts';

/** The ID registers as the guest reads them, IDR0 to IDR5, IIDR, AIDR; zeros where nobody has decided them. */
export function readId(vmm: Vmm, { vsmmu }: VmmArgs['readId']): Result {
  const { registers } = vsmmuAt(vmm, vsmmu);
  const values = registers === null ? new Array<number>(8).fill(0) : Object.values(registers);
  return done({ data: values.map(BigInt) });
}

/** SMMUEN changes what every stream sees; when it is set, the stream table is read anew. */
export function writeCr0(vmm: Vmm, { vsmmu: index, value }: VmmArgs['writeCr0']): Result {
  const before = vsmmuAt(vmm, index);
  changeVsmmu(vmm, index, { cr0: value });
  const now = vsmmuAt(vmm, index);
  if (isEnabled(now) === isEnabled(before)) return done();
  if (isEnabled(now)) changeVsmmu(vmm, index, { stes: readStes(now, () => true) });
  configureAll(vmm, index);
  return done();
}

/** A write without UPDATE is ignored. */
export function writeGbpa(vmm: Vmm, { vsmmu: index, value }: VmmArgs['writeGbpa']): Result {
  const word = [BigInt(value)];
  if (decode(gbpa, word).UPDATE === 0) return done();
  changeVsmmu(vmm, index, { gbpa: Number(update(gbpa, word, { UPDATE: 0 })[0]) });
  if (!isEnabled(vsmmuAt(vmm, index))) configureAll(vmm, index);
  return done();
}

/** A store to guest memory: nobody hears of it. */
export function writeSte(vmm: Vmm, { vsmmu: index, vsid, words }: VmmArgs['writeSte']): Result {
  const { stes } = vsmmuAt(vmm, index);
  const memory = [words?.[0] ?? 0n, words?.[1] ?? 0n];
  const read = stes.find((entry) => entry.vsid === vsid)?.read ?? null;
  const entry: GuestSte = { vsid, memory, read };
  const others = stes.filter((each) => each.vsid !== vsid);
  changeVsmmu(vmm, index, { stes: [...others, entry].sort((a, b) => a.vsid - b.vsid) });
  return done();
}

/** Nothing is recorded for a guest that has its event queue switched off. */
export function readEvents(vmm: Vmm, { vsmmu }: VmmArgs['readEvents']): Result {
  const { EVENTQEN } = decode(cr0, [BigInt(vsmmuAt(vmm, vsmmu).cr0)]);
  return done({ data: EVENTQEN === 1 ? drainEvents(vmm, vsmmu) : [] });
}

function configureAll(vmm: Vmm, index: number): void {
  for (const { vsid } of vsmmuAt(vmm, index).devices) configure(vmm, index, vsid);
}
