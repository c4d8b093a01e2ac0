import type { DeviceHardware, IommuHardware, Platform } from '../../model/platform/platform.ts';
import { sameState } from '../../model/world/equal.ts';

/**
 * Where each of a platform's nodes goes: devices, pSMMUs, groups and processes one after the other, in the order in
 * which graphs have them.
 */
export type Renaming = Int32Array;

/** Permutations of 0 … n-1 in lexicographic order. */
function* permutations(n: number): Generator<readonly number[]> {
  const order: number[] = [];
  const used = new Set<number>();
  function* place(): Generator<readonly number[]> {
    if (order.length === n) {
      yield order.slice();
      return;
    }
    for (let at = 0; at < n; at++) {
      if (used.has(at)) continue;
      used.add(at);
      order.push(at);
      yield* place();
      order.pop();
      used.delete(at);
    }
  }
  yield* place();
}

/** Everything about a device that an answer can depend on, but for its name, its place and its StreamIDs' values. */
function kindOf({ id: _id, iommu: _smmu, group: _group, streamIds, ...rest }: DeviceHardware): object {
  return { ...rest, streamIds: streamIds.length };
}

function kindOfSmmu({ name: _, ...rest }: IommuHardware): object {
  return rest;
}

/** Platforms with more devices than this are taken as they are: trying all orders would take too long. */
const MOST_DEVICES = 6;

/**
 * Every renaming of a platform's devices, pSMMUs, groups and processes that leaves it as it is: the interchangeable
 * hardware. The identity is the first. StreamIDs are names as well: the kernel only looks them up, and no property
 * speaks of a particular one. Limits: where virtual machines are modelled with their VMM, its command line names
 * pSMMUs, so these stay where they are; where caches, PASIDs, an emulated SMMUv3, old containers, pinned pages or probed devices are followed, tables
 * are laid out by device, so nothing is renamed.
 */
export function renamingsOf(platform: Platform): readonly Renaming[] {
  const { devices, iommus, vms } = platform;
  const groups = devices.reduce((most, { group }) => Math.max(most, group + 1), 0);
  // Where there are no devices a node stands in for them (`graph-builder.ts`).
  const firstSmmu = Math.max(devices.length, 1);
  const first = { smmu: firstSmmu, group: firstSmmu + iommus.length };
  const firstProcess = first.group + groups;
  const size = firstProcess + vms.length;
  const identity = Int32Array.from({ length: size }, (_, at) => at);
  if (
    platform.caches === true ||
    platform.pasid !== undefined ||
    platform.emulated !== undefined ||
    platform.emulatedVtd !== undefined ||
    platform.legacy !== undefined ||
    platform.mediated !== undefined ||
    platform.probes === true ||
    devices.length > MOST_DEVICES
  )
    return [identity];
  const namesSmmus = (platform.vmHardware ?? []).length > 0;
  const found: Renaming[] = [];
  for (const smmuOrder of permutations(iommus.length)) {
    if (namesSmmus && smmuOrder.some((to, at) => to !== at)) continue;
    if (
      !iommus.every((each, at) =>
        sameState(kindOfSmmu(each), kindOfSmmu(iommus[smmuOrder[at] ?? 0] as IommuHardware)),
      )
    )
      continue;
    for (const deviceOrder of permutations(devices.length)) {
      const groupOrder = groupsUnder(platform, deviceOrder, smmuOrder, groups);
      if (groupOrder === null) continue;
      for (const vmOrder of permutations(vms.length)) {
        if (namesSmmus && vmOrder.some((to, at) => to !== at)) continue;
        const renaming = identity.slice();
        deviceOrder.forEach((to, at) => {
          renaming[at] = to;
        });
        smmuOrder.forEach((to, at) => {
          renaming[first.smmu + at] = first.smmu + to;
        });
        groupOrder.forEach((to, at) => {
          renaming[first.group + at] = first.group + to;
        });
        vmOrder.forEach((to, at) => {
          renaming[firstProcess + at] = firstProcess + to;
        });
        found.push(renaming);
      }
    }
  }
  return found;
}

/** Where groups go when devices go there; null where that does not fit. */
function groupsUnder(
  { devices }: Platform,
  deviceOrder: readonly number[],
  smmuOrder: readonly number[],
  groups: number,
): readonly number[] | null {
  const order = Array.from({ length: groups }, (_, at) => at);
  const seen = new Map<number, number>();
  for (const [at, device] of devices.entries()) {
    const other = devices[deviceOrder[at] ?? 0] as DeviceHardware;
    if (smmuOrder[device.iommu] !== other.iommu || !sameState(kindOf(device), kindOf(other))) return null;
    const known = seen.get(device.group);
    if (known !== undefined && known !== other.group) return null;
    seen.set(device.group, other.group);
    order[device.group] = other.group;
  }
  return new Set(seen.values()).size === seen.size ? order : null;
}
