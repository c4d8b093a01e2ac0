import { readGuest } from '../../model/vmm/memory.ts';
import { descriptorAddress, steAddress } from '../../model/vmm/ste-place.ts';
import { isEnabled, tableRegisters } from '../../model/vmm/stream.ts';
import type { Command, Words } from '../../model/world/command.ts';
import type { World } from '../../model/world/world.ts';
import { firstPlugged, type Placed } from '../../properties/vmm/look.ts';
import { actualTreatment } from '../../properties/vmm/look-stream.ts';
import { decode, encode } from '../../spec/bits.ts';
import { strtabBaseCfg } from '../../spec/smmuv3/registers.ts';
import { l1StreamTableDescriptor, SteConfig, ste } from '../../spec/smmuv3/ste.ts';
import type { System } from '../linux/system.ts';
import { type Act, after, type Happened, stepAll } from './happened.ts';
import type { LineOf } from './lines.ts';

/*
 * A guest's memory of which only that is known which its VMM was seen to read. Where a stream table has an entry that nobody has
 * read, it is taken to say what its device is on: nobody is accused of what was not seen.
 */

const STE_BYTES = 64n;
const WORD_BYTES = 8n;

/** An array of entries for the StreamIDs of a bus, which no split exceeds that Linux or firmware uses. */
const ARRAY_BYTES = 0x4000n;

const CONFIG: Readonly<Record<string, number>> = { abort: SteConfig.Abort, bypass: SteConfig.Bypass };

export class Unseen {
  readonly #actor: string;
  /** Words that the VMM was seen to read, and when: by counting lines. */
  readonly #told = new Map<bigint, number>();
  /** When streams came to be as they are: plugged, with their StreamID, under a vSMMU that is enabled. */
  #since = new Map<string, number>();
  #now = 0;
  /** Arrays for descriptors that nobody has read, by the place of the descriptor: in the guest's last memory. */
  readonly #arrays = new Map<bigint, bigint>();

  /** `actor`: the guest. */
  constructor(actor: string) {
    this.#actor = actor;
  }

  tell({ pa, hex = '' }: LineOf<'guest-store'>): void {
    const first = BigInt(pa);
    this.#now++;
    for (let at = first; at < first + BigInt(hex.length / 2); at += WORD_BYTES) this.#told.set(at, this.#now);
  }

  /** The same act, of a guest whose unread entries say what their devices are on behind it. */
  presuming(act: Act): Act {
    return (system, rules) => {
      let now: Happened = act(system, rules);
      const stores = this.#storesFor(now.system);
      if (stores.length === 0) return now;
      now = { ...now, system, calls: [] };
      for (const store of stores) now = after(now, stepAll(now.system, store, rules));
      return after(now, act(now.system, rules));
    };
  }

  #storesFor({ world }: System): readonly Command[] {
    const stores: Command[] = [];
    const before = this.#since;
    this.#since = new Map();
    firstPlugged(world, (placed) => {
      const { vm, index, vsmmu, device } = placed;
      if (!vm.running || !isEnabled(vsmmu)) return null;
      // A guest may have written what it likes before: what was read of an earlier device at this place says nothing.
      const stream = `${index} ${device.fd} ${device.vsid}`;
      const since = before.get(stream) ?? this.#now + 1;
      this.#since.set(stream, since);
      const Config = CONFIG[actualTreatment(world, placed)];
      if (Config === undefined) return null;
      const words = encode(ste, { V: 1, Config });
      const address = steAddress(tableRegisters(vsmmu), vm.memory, device.vsid);
      if (address === null) stores.push(...this.#throughArray(world, placed, since, words));
      else if (!this.#isTold(address, since) && readGuest(vm.memory, address) !== words[0])
        stores.push(this.#store(address, words));
      return null;
    });
    return stores;
  }

  /** The entry of a table of two levels whose descriptor nobody has read. */
  #throughArray(
    world: World,
    { vm, vsmmu, device }: Placed,
    since: number,
    words: Words,
  ): readonly Command[] {
    const table = tableRegisters(vsmmu);
    const descriptor = descriptorAddress(table, device.vsid);
    if (descriptor === null || this.#isTold(descriptor, since)) return [];
    const slots = world.platform.vmHardware?.find((each) => each.vm === vm.name)?.ram ?? [];
    const [end = 0n] = slots
      .map(({ start, pages }) => start + BigInt(pages) * world.platform.kernel.pageSize)
      .sort((a, b) => (a < b ? 1 : -1));
    const array = this.#arrays.get(descriptor) ?? end - BigInt(this.#arrays.size + 1) * ARRAY_BYTES;
    this.#arrays.set(descriptor, array);
    const { SPLIT } = decode(strtabBaseCfg, [BigInt(table.STRTAB_BASE_CFG)]);
    const [first = 0n] = encode(l1StreamTableDescriptor, { Span: SPLIT + 1 });
    const entry = BigInt(device.vsid) & ((1n << BigInt(SPLIT)) - 1n);
    return [this.#store(descriptor, [first | array]), this.#store(array + entry * STE_BYTES, words)];
  }

  #store(address: bigint, words: Words): Command {
    return { actor: this.#actor, command: 'storeGuest', args: { address, words, zeros: 0 } };
  }

  #isTold(address: bigint, since: number): boolean {
    return (this.#told.get(address) ?? -1) >= since;
  }
}
