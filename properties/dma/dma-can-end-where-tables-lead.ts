import type { IommuHardware } from '../../model/platform/platform.ts';
import type { World } from '../../model/world/world.ts';
import { hex } from '../look.ts';
import { followsCaches, followsVtd } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { type Asked, type Attached, type End, endAtSmmu, endAtVtd } from './walk.ts';

/** Interrupts of a VT-d unit; what is written there is no DMA. */
const isInterrupt = (address: bigint): boolean => address >= 0xfee0_0000n && address < 0xfef0_0000n;

/** Whether a device behind a VT-d unit writes, without a PASID, where messages go (VT-d 3.14). */
function isMessage({ before, command, result }: Transition): boolean {
  if (before.vtd === null || command.command !== 'dma' || !result.ok) return false;
  return !command.args.ssv && isInterrupt(command.args.iova);
}

/** The HWPT at a device's requests with this PASID; null: none. */
function attachedAt(world: World, device: number, ssid: number | null): Attached | null {
  if (ssid !== null) return world.devices[device]?.pasidTable.find(({ pasid }) => pasid === ssid) ?? null;
  const domain = world.groups[world.platform.devices[device]?.group ?? -1]?.domain;
  return domain?.kind === 'hwpt' ? domain : null;
}

/** Where a DMA ends if it finds nothing in a cache; null where this is not looked at. */
function endOf({ before, command, result }: Transition): { readonly asked: Asked; readonly end: End } | null {
  if (command.command !== 'dma' || !result.ok || command.args.translated) return null;
  const { iova, write, ssv, ssid } = command.args;
  const asked = { iova, write, ssid: ssv ? ssid : null };
  const { machine, vtd, platform } = before;
  const device = platform.devices.findIndex(({ id }) => command.actor === `device:${id}`);
  const hardware = platform.devices[device];
  if (hardware === undefined || before.devices[device]?.resetting === true) return null;
  if (vtd !== null) {
    const attached = isInterrupt(iova) ? null : attachedAt(before, device, asked.ssid);
    return attached === null ? null : { asked, end: endAtVtd(before, attached, asked) };
  }
  // While an entry is written it is one of two, and a pSMMU that is off reads none.
  if (machine === null || machine.work !== null || machine.registers[hardware.iommu]?.enabled !== true)
    return null;
  const attached = attachedAt(before, device, null);
  if (attached === null || (before.devices[device]?.pasidTable.length ?? 0) > 0) return null;
  return { asked, end: endAtSmmu(before, platform.iommus[hardware.iommu] as IommuHardware, attached, asked) };
}

export const dmaCanEndWhereTablesLead: StepProperty = {
  id: 'dma-can-end-where-tables-lead',
  sentence:
    'DMA that meets no cached translation ends where the attached tables lead: in the page that guest and IOAS have mapped, or in a fault or an abort where they map none.',
  source: 'IHI0070 3.3, 5.2; VT-d 3.4, 3.7; Documentation/userspace-api/iommufd.rst',
  kind: 'step',
  appliesTo: (platform) => followsCaches(platform) || followsVtd(platform),
  brokenBy: 'stage2-never-stalls',
  violated(transition) {
    if (isMessage(transition)) {
      const { addresses, faults } = transition.result.out;
      const told = [addresses, faults].some((words) => Array.isArray(words) && words.length > 0);
      return told ? `${transition.command.actor} wrote a message, which became DMA` : null;
    }
    const found = endOf(transition);
    if (found === null || found.end === 'unknown') return null;
    const { asked, end } = found;
    const { addresses, events, faults, aborts } = transition.result.out;
    const access = `${asked.write ? 'a write' : 'a read'} of ${transition.command.actor} at ${hex(asked.iova)}`;
    if (typeof end !== 'string') {
      const real = addresses as readonly bigint[];
      return real.includes(end.at)
        ? null
        : `${access} cannot end at ${hex(end.at)}, to which the tables lead`;
    }
    const told = [events, faults].some((words) => Array.isArray(words) && words.length > 0);
    return told || aborts === 1 ? null : `${access} cannot fail, and the tables lead nowhere`;
  },
  witness: (transition) => typeof endOf(transition)?.end === 'object',
};
