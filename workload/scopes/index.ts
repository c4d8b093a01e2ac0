import { accesses } from './accesses.ts';
import { assignabilityScopeByName } from './assignability.ts';
import { sliceScope, sliceSize } from './attach-slice.ts';
import { container } from './container.ts';
import { containerMsi } from './container-msi.ts';
import { deviceFiles } from './device-files.ts';
import { dirtyLog } from './dirty-log.ts';
import { emulated } from './emulated.ts';
import { emulatedVtd } from './emulated-vtd.ts';
import { emulatedVtdNested } from './emulated-vtd-nested.ts';
import { grouped } from './grouped.ts';
import { guestDma } from './guest-dma.ts';
import { guestWords } from './guest-words.ts';
import { mdev } from './mdev.ts';
import { mdevSmmuv3 } from './mdev-smmuv3.ts';
import { mixedHost } from './mixed-host.ts';
import { msiLayouts } from './msi-layouts.ts';
import { notifiers } from './notifiers.ts';
import { oddHosts } from './odd-hosts.ts';
import { oneSmmu } from './one-smmu.ts';
import { oneVsmmu } from './one-vsmmu.ts';
import { pageByPage } from './page-by-page.ts';
import { pageRequests } from './page-requests.ts';
import { pasids } from './pasids.ts';
import { probing } from './probing.ts';
import type { Scope } from './scope.ts';
import { selftestsMock } from './selftests-mock.ts';
import { stalling } from './stalling.ts';
import { twoIts } from './two-its.ts';
import { twoSmmus } from './two-smmus.ts';
import { twoVms } from './two-vms.ts';
import { vtd } from './vtd.ts';
import { vtdAliases } from './vtd-aliases.ts';
import { wideIts } from './wide-its.ts';

/** Every scope, smallest first. */
export const SCOPES: readonly Scope[] = [
  oneSmmu,
  twoSmmus,
  grouped,
  pasids,
  twoVms,
  oneVsmmu,
  mixedHost,
  guestDma,
  pageByPage,
  mdev,
  mdevSmmuv3,
  emulated,
  emulatedVtd,
  wideIts,
  twoIts,
  msiLayouts,
  vtd,
  pageRequests,
  container,
  containerMsi,
  accesses,
  dirtyLog,
  probing,
  stalling,
  guestWords,
  oddHosts,
  selftestsMock,
  vtdAliases,
  notifiers,
  emulatedVtdNested,
  deviceFiles,
];

/** The scope of a name, of whatever size, also of one that only a trace needs (`assignability-vt-d3`); undefined where there is none. */
export function scopeByName(name: string): Scope | undefined {
  const size = sliceSize(name);
  if (size !== null) return sliceScope(size);
  return SCOPES.find((scope) => scope.name === name) ?? assignabilityScopeByName(name);
}
