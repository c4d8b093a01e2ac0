import type { EntryForm } from '../../spec/pasid/hardware.ts';
import type { PasidPlatform } from '../platform/pasid.ts';
import { ledTo, NO_PASID } from './context.ts';
import {
  type Assigned,
  type Config,
  type Entry,
  hostPage,
  type PasidMachine,
  type Root,
  type Stream,
} from './machine.ts';

/** What hardware makes of a stream's requests with a PASID (or `NO_PASID`) now; null: it aborts them. */
export function configOf(
  platform: PasidPlatform,
  machine: PasidMachine,
  stream: Stream,
  pasid: number,
): Config | null {
  const { withPasid, withoutPasid } = platform.hardware;
  const forms = pasid === NO_PASID ? withoutPasid : withPasid;
  if (stream.guestTable !== null && forms.includes('nested'))
    return fromGuest(machine, stream, stream.guestTable, pasid);
  const entry = pasid === NO_PASID ? stream.own : (stream.entries[pasid] ?? null);
  return entry === null ? null : fromHost(platform, stream, entry, forms);
}

function fromHost(
  { hardware }: PasidPlatform,
  stream: Stream,
  entry: Entry,
  forms: readonly EntryForm[],
): Config {
  const root = hardware.stage2Root === 'stream' ? stream.second : entry.second;
  const { form, first, domain } = entry;
  if (form === 'pass-through') return { first: null, second: null, domain };
  if (form === 'second') return { first: null, second: root, domain };
  const together = hardware.nestingAttribute === 'stream' && forms.includes('nested');
  const nested = form === 'nested' || (stream.nested && together);
  return { first, second: nested ? root : null, domain };
}

/** As a table in guest memory says it, read through stage 2, and the context entry that the host has for it. */
function fromGuest(machine: PasidMachine, stream: Stream, unit: number, pasid: number): Config | null {
  const assigned = machine.units[unit] as Assigned;
  if (pasid !== NO_PASID && assigned.viommu !== 'pasids') return null;
  const stage2 = { second: stream.second, domain: stream.own?.domain ?? 0 };
  const led = ledTo(assigned.read, pasid);
  if (led !== 'entry') return led === 'bypass' ? { first: null, ...stage2 } : null;
  const entry = assigned.guest.entries[pasid] ?? null;
  if (entry === null || !entry.present) return null;
  return { first: entry.table === null ? null : { of: 'guest', table: entry.table }, ...stage2 };
}

/** The page that stage 1 of a configuration gives for a page; null: a fault. Where there is no stage 1, the same page. */
export function throughFirst(
  platform: PasidPlatform,
  machine: PasidMachine,
  { first, second }: Config,
  iova: number,
): number | null {
  if (first === null) return iova;
  if (first.of !== 'guest') return throughRoot(platform, machine, first, iova);
  // The table's own address goes through stage 2: whose memory that is, is whose table is read. Without stage 2 the
  // walk begins at an address that the guest made up.
  if (second === null) return iova % platform.ramPages;
  return second.of === 'memory' ? (machine.tables[second.vm]?.[first.table]?.[iova] ?? null) : null;
}

/** The page that a table gives for a page; null: it maps nothing there. */
export function throughRoot(
  platform: PasidPlatform,
  machine: PasidMachine,
  root: Exclude<Root, { of: 'guest' }>,
  page: number,
): number | null {
  switch (root.of) {
    case 'memory':
      return page < platform.ramPages ? hostPage(platform, root.vm, page) : null;
    case 'shadow':
      return machine.units[root.unit]?.shadows[root.pasid]?.[page] ?? null;
  }
}
