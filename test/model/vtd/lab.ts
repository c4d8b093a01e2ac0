import { bootWorld } from '../../../model/boot.ts';
import {
  type ArgValue,
  type Bindings,
  bindResult,
  type Call,
  NO_BINDINGS,
  resolveCall,
} from '../../../model/call.ts';
import { composeRules, type Override } from '../../../model/rules.ts';
import { type Step, step } from '../../../model/step.ts';
import type { World } from '../../../model/world/world.ts';
import { decode, nameOfValue } from '../../../spec/bits.ts';
import { faultRecord } from '../../../spec/vtd/fault.ts';
import { vtd } from '../../../workload/scopes/vtd.ts';
import { outcome } from '../../support/script.ts';

type Args = Readonly<Record<string, ArgValue>>;

const RAM_VA = vtd.platform.userMemory[0]?.start ?? 0n;

/** Pages of the guest's RAM lie at these guest-physical addresses; pages 1 and 2 hold its tables, the others data. */
export const gpaOf = (page: number): bigint => 0x4_0000n + BigInt(page) * 0x1000n;

/** Physical address of a page of its RAM. */
export const ramOf = (page: number): string => `0x${(0x4000_0000n + BigInt(page) * 0x1000n).toString(16)}`;

const NEST_PARENT = 1;
const PASID = 8;

/** The vtd platform, command by command: vm0 has dev0 and dev1 in scalable mode and dev2 in legacy mode. */
export class VtdLab {
  world: World = bootWorld(vtd.platform);
  last: Step | null = null;
  readonly #rules;
  #bindings: Bindings = NO_BINDINGS;

  constructor(...overrides: readonly Override[]) {
    this.#rules = composeRules(overrides);
    this.vmm('openIommufd', {}, 'io');
    this.vmm('ioasAlloc', { fd: 'io' }, 'ioas');
    this.map(0, 5);
    for (const n of [0, 1, 2]) {
      this.vmm('openCdev', { device: `dev${n}` }, `cdev${n}`);
      this.vmm('vfioBind', { fd: `cdev${n}`, iommufd: 'io' }, `dev${n}`);
    }
    this.alloc('parent', NEST_PARENT);
  }

  /** Plays one call: `ok` or the errno. */
  do(actor: string, command: Call['command'], args: Args = {}, as?: string): string {
    const call: Call = { actor, command, args, ...(as === undefined ? {} : { as }) };
    const done = step(this.world, resolveCall(call, this.#bindings), this.#rules);
    this.#bindings = bindResult(call, done.result, this.#bindings);
    this.world = done.world;
    this.last = done;
    return outcome(done.result);
  }

  vmm(command: Call['command'], args: Args = {}, as?: string): string {
    return this.do('vmm:vm0', command, args, as);
  }

  map(page: number, pages: number, flags = 7): string {
    const place = {
      iova: gpaOf(page),
      userVa: RAM_VA + BigInt(page) * 0x1000n,
      length: BigInt(pages) * 0x1000n,
    };
    return this.vmm('ioasMap', { fd: 'io', ioasId: 'ioas', flags, ...place });
  }

  unmap(page: number, pages: number): string {
    return this.vmm('ioasUnmap', {
      fd: 'io',
      ioasId: 'ioas',
      iova: gpaOf(page),
      length: BigInt(pages) * 0x1000n,
    });
  }

  alloc(as: string, flags = 0, dev = 'dev0'): string {
    return this.vmm('hwptAlloc', { fd: 'io', devId: dev, ptId: 'ioas', flags }, as);
  }

  /** A guest's table in a page of its RAM, over the nesting parent. */
  nested(as: string, table = 1, more: Args = {}, words: readonly bigint[] = [0n, gpaOf(table), 48n]): string {
    const data = { dataType: 1, dataLen: 24, data: words };
    return this.vmm(
      'hwptAlloc',
      { fd: 'io', devId: 'dev0', ptId: 'parent', flags: PASID, ...data, ...more },
      as,
    );
  }

  attach(pt: string, pasid: number | null = null, device = 0): string {
    const which = pasid === null ? {} : { flags: 1, pasid };
    return this.vmm('vfioAttach', { fd: `cdev${device}`, ptId: pt, ...which });
  }

  detach(pasid: number | null = null, device = 0): string {
    const which = pasid === null ? {} : { flags: 1, pasid };
    return this.vmm('vfioDetach', { fd: `cdev${device}`, ...which });
  }

  /** The guest maps a page of its addresses to a page of its RAM. */
  pte(table: number, index: number, page: number, args: Args = {}): string {
    const where = { page: table, index, valid: true, ipa: gpaOf(page) };
    return this.do('guest:vm0', 'guestWritePte', { ...where, ...args });
  }

  flush(hwpt: string, ...ranges: readonly (readonly [bigint, bigint, bigint])[]): string {
    const shape = { dataType: 0, entryLen: 24, entryNum: ranges.length, data: ranges.flat() };
    return this.vmm('hwptInvalidate', { fd: 'io', hwptId: hwpt, ...shape });
  }

  /** What may become of a read of a page, in words. */
  dma(page: number, pasid: number | null = null, args: Args = {}, device = 'dev0'): readonly string[] {
    const which = pasid === null ? {} : { ssv: true, ssid: pasid };
    this.do(`device:${device}`, 'dma', { iova: BigInt(page) * 0x1000n, ...which, ...args });
    const out = this.last?.result.out ?? {};
    const words = (out.faults ?? []) as readonly bigint[];
    const faults: string[] = [];
    for (let at = 0; at < words.length; at += 2) {
      const { FR } = decode(faultRecord, words.slice(at, at + 2));
      faults.push(nameOfValue(faultRecord.fields.FR, FR) ?? 'unknown');
    }
    return [
      ...((out.addresses ?? []) as readonly bigint[]).map((address) => `0x${address.toString(16)}`),
      ...faults,
    ];
  }
}
