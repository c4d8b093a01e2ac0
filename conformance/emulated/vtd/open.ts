import type { EmulatedVtdHardware } from '../../../model/platform/emulated-vtd.ts';
import type { Platform } from '../../../model/platform/platform.ts';
import type { Rules } from '../../../model/rules.ts';
import type { Step } from '../../../model/step.ts';
import { vtdUnitOf } from '../../../model/vtd/architecture/unit.ts';
import type { EmulatedVtd } from '../../../model/vtd/emulated/emulated.ts';
import type { Command, CommandArgs } from '../../../model/world/command.ts';
import type { World } from '../../../model/world/world.ts';
import { invalidationOf, invalidationsOf } from '../../vtd/invalidation.ts';
import { RecordedMemory } from '../../vtd/memory.ts';
import { type Observed, shows } from '../../vtd/observe.ts';
import { OpenCaches } from '../../vtd/open-caches.ts';
import type { Open } from '../emulation.ts';
import type { Seen } from '../lines.ts';
import { changedIn } from './observe.ts';

const DESCRIPTOR_WORDS = 4;

/** Caches of a remapping unit, which may hold anything that was valid since an invalidation last covered it. */
export class OpenVtd implements Open {
  readonly #memory: RecordedMemory;
  readonly #caches: OpenCaches;

  constructor({ emulatedVtd }: Platform) {
    if (emulatedVtd === undefined) throw new Error('a platform with an emulated remapping unit');
    const words = Object.entries(emulatedVtd.memory).map(([at, word]) => [BigInt(`0x${at}`), word] as const);
    this.#memory = new RecordedMemory(regionsOf(emulatedVtd), new Map(words));
    this.#caches = new OpenCaches(vtdUnitOf(emulatedVtd), emulatedVtd.sourceIds, this.#memory);
  }

  covers({ command }: Command, { vtdArchitecture }: Rules): boolean {
    return command === 'vtdDma' && vtdArchitecture.cachesAreOpen;
  }

  permits({ emulatedVtd }: World, { args }: Command, seen: Seen, { vtdArchitecture }: Rules): boolean {
    if (emulatedVtd === null || seen.ends !== 'no') return false;
    const { registers } = emulatedVtd;
    // A DMA leaves all other registers as they are.
    if (!isEqual(seen.GSTS, registers.gsts) || !isEqual(seen.IQH, registers.iqh)) return false;
    if (!isEqual(seen.ICS, registers.ics)) return false;
    const { source, iova, write } = args as CommandArgs['vtdDma'];
    const request = { sourceId: source, address: iova, write };
    const observed = this.#observed(seen, write, registers);
    return this.#caches.some(request, vtdArchitecture, (outcome) =>
      shows(outcome, request, registers, observed, this.#memory),
    );
  }

  went({ emulatedVtd: was }: World, { command, args }: Command, { world, result }: Step): void {
    const now = world.emulatedVtd;
    if (was === null || now === null) return;
    for (const [key, word] of was.memory === now.memory ? [] : Object.entries(now.memory))
      if (was.memory[key] !== word) this.#memory.write(BigInt(`0x${key}`), word);
    if (command === 'vtdReset') this.#caches.setRegisters(0n, false);
    if (command === 'vtdWrite') this.#wrote(was, now, args as CommandArgs['vtdWrite']);
    const executed = result.ok ? ((result.out.executed ?? []) as readonly bigint[]) : [];
    for (let at = 0; at < executed.length; at += DESCRIPTOR_WORDS)
      this.#caches.invalidate(invalidationOf(executed.slice(at, at + DESCRIPTOR_WORDS)));
  }

  #wrote(was: EmulatedVtd, now: EmulatedVtd, { register, value }: CommandArgs['vtdWrite']): void {
    const { ccmd, iotlb, iva, rtaddr } = now.registers;
    if (register === 'GCMD') {
      const isSet = was.vtd.root !== now.vtd.root;
      if (isSet || was.vtd.enabled !== now.vtd.enabled)
        this.#caches.setRegisters(isSet ? rtaddr : null, now.vtd.enabled);
    }
    if ((value & EXECUTE) === 0n) return;
    // What was executed has its bit clear again.
    const commands = {
      context: register === 'CCMD' && (ccmd & EXECUTE) === 0n ? ccmd | EXECUTE : null,
      iotlb: register === 'IOTLB' && (iotlb & EXECUTE) === 0n ? iotlb | EXECUTE : null,
    };
    for (const covers of invalidationsOf({ ...commands, pages: iva })) this.#caches.invalidate(covers);
  }

  #observed(seen: Seen, write: boolean, before: EmulatedVtd['registers']): Observed {
    const { landed, value, FSTS = '0x0', record } = seen;
    const word = value === undefined ? undefined : Number(value);
    return {
      pa: write ? addressOf(landed) : this.#stampedAt(word),
      value: write ? undefined : word,
      changed: changedIn(seen.changed),
      registers: {
        fsts: Number(FSTS),
        record: record === undefined ? before.record : wordsOf(record),
      },
    };
  }

  /** Words of the stamped pages say where they are. */
  #stampedAt(word: number | undefined): bigint | null {
    return word !== undefined && this.#memory.isStamped(BigInt(word), 4n) ? BigInt(word) : null;
  }
}

const EXECUTE = 1n << 63n;

function regionsOf({ ram }: EmulatedVtdHardware) {
  const { first, end, stamped } = ram ?? { first: 0n, end: 1n << 52n };
  const region = (range: { readonly first: bigint; readonly end: bigint }) => ({
    base: range.first,
    size: range.end - range.first,
  });
  return {
    ram: [region({ first, end })],
    stamped: stamped === undefined ? { base: 0n, size: 0n } : region(stamped),
  };
}

function isEqual(text: string | undefined, value: number | bigint): boolean {
  return text === undefined || BigInt(text) === BigInt(value);
}

function addressOf(landed: string | undefined): bigint | null {
  return landed === undefined || landed === 'nowhere' ? null : BigInt(landed);
}

/** Where it is said that there is none, no bit of it counts. */
function wordsOf(record: string): readonly [bigint, bigint] {
  const [low = 0n, high = 0n] = record === 'none' ? [] : record.split(' ').map(BigInt);
  return [low, high];
}
