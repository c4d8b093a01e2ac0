import type { MsiMessage } from '../../model/host/msi-message.ts';
import { msiOutcomes } from '../../model/msi/fire.ts';
import { doorbellPages, hostData, isDoorbell, itsOf, MSI_REGISTER } from '../../model/platform/doorbell.ts';
import type { Its, PageRange } from '../../model/platform/platform.ts';
import { pageOf } from '../../model/smmu/machine/mappings.ts';
import type { DmaOutcome } from '../../model/smmu/machine/outcome.ts';
import type { GuestVector } from '../../model/vmm/vm.ts';
import type { World } from '../../model/world/world.ts';
import { decodeEvent, EventClass } from '../../spec/smmuv3/event.ts';
import { hex } from '../look.ts';
import { firstPlugged, type Placed, placeText } from '../vmm/look.ts';
import { aimsOf } from './aim.ts';

/** Pages of guests and of the abstract machine. */
const PAGE = 0x1000n;

/** A vector that a guest has switched on, and what the host has programmed it with (null: nothing). */
export interface Vector extends Placed {
  readonly world: World;
  readonly number: number;
  readonly its: Its;
  readonly guest: GuestVector;
  readonly message: MsiMessage | null;
  /** Where the machine has its virtual ITS; null: nowhere. */
  readonly vits: PageRange | null;
}

/** Calls back for every vector that is on, of every nested device of every running machine that follows interrupts. */
export function firstVector<R>(world: World, look: (vector: Vector) => R | null): R | null {
  return firstPlugged(world, (placed) => {
    const { vm, device } = placed;
    const vits = world.platform.vmHardware?.find((each) => each.vm === vm.name)?.vits;
    if (vits === undefined || !vm.running || device.place?.kind !== 'nested') return null;
    const number = world.platform.devices.indexOf(placed.hardware);
    for (const guest of device.vectors) {
      if (!guest.on) continue;
      const message = world.devices[number]?.messages[guest.vector] ?? null;
      const its = itsOf(world.platform, number);
      const found = look({ ...placed, world, number, its, guest, message, vits });
      if (found !== null) return found;
    }
    return null;
  });
}

/** `vector 0 of dev1 (vSMMU 0 of vm0, StreamID 0x1)` */
export function vectorText({ guest, ...placed }: Vector): string {
  return `vector ${guest.vector} of ${placeText(placed)}`;
}

/** What becomes of a message, if it is programmed. */
export function outcomesOf({ world, number, message }: Vector): readonly DmaOutcome[] {
  return message === null ? [] : msiOutcomes(world, number, message);
}

export function isOwnDoorbell({ world, its }: Vector, outcome: DmaOutcome): boolean {
  return outcome.kind === 'reaches' && isDoorbell(its, world.platform, outcome.address);
}

/** Whether a vector works: whatever caches hold, its message reaches its own ITS, with the host's data. */
export function works(vector: Vector): boolean {
  const { message, number, guest } = vector;
  if (message === null || message.data !== hostData(number, guest.vector)) return false;
  return outcomesOf(vector).every((outcome) => isOwnDoorbell(vector, outcome));
}

/** What becomes of a vector's interrupt, in words. */
export function lotOf(vector: Vector): string {
  const { message, number, guest } = vector;
  if (message === null) return `${vectorText(vector)} is on, but the host has not programmed it`;
  if (message.data !== hostData(number, guest.vector))
    return `${vectorText(vector)} writes ${message.data}, which is not the host's data`;
  const stray = outcomesOf(vector).find((outcome) => !isOwnDoorbell(vector, outcome));
  return `the MSI of ${vectorText(vector)}, at ${hex(message.address)}, ${stray === undefined ? 'arrives' : strayText(stray)}`;
}

export function strayText(outcome: DmaOutcome): string {
  switch (outcome.kind) {
    case 'reaches':
      return `may reach ${hex(outcome.address)}, which is no doorbell of its ITS`;
    case 'faults':
      return `may end in ${decodeEvent(outcome.event)?.name ?? 'an event'}`;
    case 'aborts':
      return 'may be dropped';
  }
}

function includes({ start, pages }: PageRange, page: number): boolean {
  return page >= pageOf(start) && page < pageOf(start) + pages;
}

/** Whether what a guest wrote is the place in a page at which an ITS takes MSIs. */
function isRegister(address: bigint | null): boolean {
  return address !== null && address % PAGE === MSI_REGISTER;
}

/**
 * The IPA page at which the guest's stage 1 must have a message's page, as the description of its machine tells: the RMR
 * nodes of the IORT are mapped one to one; an address that the guest chose itself leads to its ITS. Null: nothing is told.
 */
export function toldPage({ vm, vits, guest, message }: Vector): number | null {
  const address = message?.address ?? guest.address;
  if (address === null) return null;
  const page = pageOf(address);
  if (vm.rmr.some((range) => includes(range, page))) return page;
  return vits !== null && guest.address === address ? pageOf(vits.start) : null;
}

/** Refusals by the guest's own side: its configuration, its stage 1, or its tables out of reach. */
function isGuestsDoing(outcome: DmaOutcome): boolean {
  if (outcome.kind === 'aborts') return true;
  if (outcome.kind !== 'faults') return false;
  const event = decodeEvent(outcome.event);
  const fields: Readonly<Record<string, unknown>> = event?.fields ?? {};
  return fields.S2 !== 1 || fields.CLASS !== EventClass.IN;
}

/**
 * Whether the guest's stage 1 leads where its machine's description tells, by everything that caches may hold. A guest that
 * has its stage 1 off says addresses that are IPAs. Where the host has programmed nothing, the guest's own address counts.
 */
export function isAimedAsTold(vector: Vector, faultsToo: boolean): boolean {
  const { world, number, message, guest, its, vits } = vector;
  if (vits !== null && !isRegister(guest.address)) return false;
  const address = message?.address ?? guest.address;
  const told = toldPage(vector);
  if (its.untranslated === true || address === null || told === null) return true;
  const aims = aimsOf(world, number, pageOf(address));
  if (aims.size === 0 || [...aims].some((aim) => aim !== told)) return false;
  return faultsToo || !msiOutcomes(world, number, asMessage(address)).some(isGuestsDoing);
}

function asMessage(address: bigint): MsiMessage {
  return { address, data: 0, place: null, madeFor: null };
}

/** Whether the guest has done all that its machine's description tells it to for a vector. */
export function isSetUp(vector: Vector): boolean {
  return isAimedAsTold(vector, false) && !isMutedByGuest(vector);
}

/** The stream's configuration lets nothing through, whatever the address. */
function isMutedByGuest({ world, number, message, guest }: Vector): boolean {
  const address = message?.address ?? guest.address;
  if (address === null) return false;
  return msiOutcomes(world, number, asMessage(address)).some(
    (outcome) => outcome.kind === 'aborts' || isConfigurationFault(outcome),
  );
}

function isConfigurationFault(outcome: DmaOutcome): boolean {
  if (outcome.kind !== 'faults') return false;
  return !(decodeEvent(outcome.event)?.name ?? '').startsWith('F_');
}

/** Whether a device's ITS has more doorbells than its machine's virtual one. */
export function isSmallerVits({ its, vits }: Vector): boolean {
  return vits !== null && vits.pages < doorbellPages(its);
}
