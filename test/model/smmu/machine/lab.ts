import { bootWorld } from '../../../../model/boot.ts';
import {
  type ArgValue,
  type Bindings,
  bindResult,
  type Call,
  NO_BINDINGS,
  resolveCall,
} from '../../../../model/call.ts';
import { composeRules, type Override } from '../../../../model/rules.ts';
import { type Step, step } from '../../../../model/step.ts';
import type { Out } from '../../../../model/world/result.ts';
import type { World } from '../../../../model/world/world.ts';
import { encode } from '../../../../spec/bits.ts';
import { type CommandFields, type CommandName, encodeCommand } from '../../../../spec/smmuv3/command.ts';
import { decodeEvent } from '../../../../spec/smmuv3/event.ts';
import { type Ste, SteConfig, ste } from '../../../../spec/smmuv3/ste.ts';
import { guestDma } from '../../../../workload/scopes/guest-dma.ts';

type Args = Readonly<Record<string, ArgValue>>;

/** Pages of a guest's RAM lie at these IPAs; page 0 has its CDs, pages 1 and 2 tables, the others data. */
export const ipaOf = (page: number): bigint => 0x4_0000n + BigInt(page) * 0x1000n;

/** Physical address of a page of a guest's RAM. */
export const ramOf = (page: number, vm = 0): bigint => 0x4000_0000n + BigInt(vm * 1024 + page) * 0x1000n;

const RAM_VA = guestDma.platform.userMemory[0]?.start ?? 0n;
const RAM_PAGES = 5n;

/** The guest-dma platform, command by command: vm0 has dev0 (with ATS, unless another is named) behind its vSMMU. */
export class Lab {
  world: World = bootWorld(guestDma.platform);
  last: Step | null = null;
  readonly #rules;
  #bindings: Bindings = NO_BINDINGS;

  constructor(...overrides: readonly Override[]) {
    this.#rules = composeRules(overrides);
  }

  /** Plays one call. What fails unexpectedly shows in `last`. */
  do(actor: string, command: Call['command'], args: Args = {}, as?: string): Out {
    const call: Call = { actor, command, args, ...(as === undefined ? {} : { as }) };
    const done = step(this.world, resolveCall(call, this.#bindings), this.#rules);
    this.#bindings = bindResult(call, done.result, this.#bindings);
    this.world = done.world;
    this.last = done;
    return done.result.out;
  }

  vmm(command: Call['command'], args: Args = {}, as?: string, vm = 'vm0'): Out {
    return this.do(`vmm:${vm}`, command, args, as);
  }

  /** A context with a device, its RAM mapped in an IOAS, and a vSMMU over it. Names begin with `p`. */
  vsmmu(device = 'dev0', p = '', vm = 'vm0'): this {
    this.vmm('openIommufd', {}, `${p}io`, vm);
    this.vmm('ioasAlloc', { fd: `${p}io` }, `${p}ioas`, vm);
    this.mapRam(0, RAM_PAGES, p, vm);
    this.bind(device, `${p}cdev`, `${p}dev`, p, vm);
    this.vmm('hwptAlloc', { fd: `${p}io`, devId: `${p}dev`, ptId: `${p}ioas`, flags: 1 }, `${p}parent`, vm);
    this.viommu(`${p}dev`, `${p}viommu`, p, vm);
    return this;
  }

  viommu(devId: string, as: string, p = '', vm = 'vm0'): void {
    this.vmm('viommuAlloc', { fd: `${p}io`, type: 1, devId, hwptId: `${p}parent` }, as, vm);
    const vdevice = { fd: `${p}io`, viommuId: as, devId, virtId: 0x20n };
    this.vmm('vdeviceAlloc', vdevice, `${as}.vdevice`, vm);
  }

  bind(device: string, cdev: string, dev: string, p = '', vm = 'vm0'): void {
    this.vmm('openCdev', { device }, cdev, vm);
    this.vmm('vfioBind', { fd: cdev, iommufd: `${p}io` }, dev, vm);
  }

  mapRam(page: number, pages: bigint, p = '', vm = 'vm0', from = page): void {
    const place = { iova: ipaOf(page), userVa: RAM_VA + BigInt(from) * 0x1000n, length: pages * 0x1000n };
    this.vmm('ioasMap', { fd: `${p}io`, ioasId: `${p}ioas`, flags: 7, ...place }, undefined, vm);
  }

  /** Maps one page of RAM at an IPA; `flags` say what may be done there (readable 4, writeable 2). */
  mapPage(page: number, iova: bigint, flags: number): void {
    const userVa = RAM_VA + BigInt(page) * 0x1000n;
    this.vmm('ioasMap', { fd: 'io', ioasId: 'ioas', flags: 1 | flags, iova, userVa, length: 0x1000n });
  }

  unmapRam(p = '', vm = 'vm0'): void {
    const range = { iova: ipaOf(0), length: RAM_PAGES * 0x1000n };
    this.vmm('ioasUnmap', { fd: `${p}io`, ioasId: `${p}ioas`, ...range }, undefined, vm);
  }

  /** Attaches the device to a nested HWPT with this STE: CDs at IPA page 0, unless it says otherwise. */
  attach(fields: Partial<Ste> = {}, p = '', vm = 'vm0', viommu = `${p}viommu`): void {
    this.attachAs(`${p}dev`, `${p}cdev`, fields, p, vm, viommu);
  }

  attachAs(dev: string, cdev: string, fields: Partial<Ste>, p = '', vm = 'vm0', viommu = `${p}viommu`): void {
    const data = encode(ste, { V: 1, Config: SteConfig.S1Trans, S1ContextPtr: ipaOf(0), ...fields }).slice(
      0,
      2,
    );
    const args = { fd: `${p}io`, devId: dev, ptId: viommu, dataType: 2, dataLen: 16, data };
    const made = `${p}nested${this.#count++}`;
    this.vmm('hwptAlloc', args, made, vm);
    this.vmm('vfioAttach', { fd: cdev, ptId: made }, undefined, vm);
  }

  #count = 0;

  cd(table: number, args: Args = {}, vm = 'vm0'): void {
    this.do(`guest:${vm}`, 'guestWriteCd', { valid: true, asid: 1, table: ipaOf(table), ...args });
  }

  pte(table: number, index: number, page: number, args: Args = {}, vm = 'vm0'): void {
    const where = { page: table, index };
    this.do(`guest:${vm}`, 'guestWritePte', { ...where, valid: true, ipa: ipaOf(page), ...args });
  }

  /** What may become of a read of a page (or what the arguments say) by a device, in words. */
  dma(page: number, args: Args = {}, device = 'dev0'): readonly string[] {
    const out = this.do(`device:${device}`, 'dma', { iova: BigInt(page) * 0x1000n, ...args });
    const addresses = out.addresses as readonly bigint[];
    const words = out.events as readonly bigint[];
    const events = [];
    for (let at = 0; at < words.length; at += 4) {
      const { name, fields } = decodeEvent(words.slice(at, at + 4)) ?? { name: 'unknown', fields: {} };
      const stage2 = 'S2' in fields && fields.S2 === 1;
      events.push(stage2 ? `${name} of stage 2` : name);
    }
    const reached = addresses.map((address) => `0x${address.toString(16)}`);
    return [...reached, ...events, ...(out.aborts === 1 ? ['abort'] : [])];
  }

  /** A guest's commands, through its vSMMU. */
  invalidate(commands: readonly (readonly bigint[])[], p = '', vm = 'vm0', viommu = `${p}viommu`): Out {
    const shape = { dataType: 1, entryLen: 16, entryNum: commands.length, data: commands.flat() };
    return this.vmm('hwptInvalidate', { fd: `${p}io`, hwptId: viommu, ...shape }, undefined, vm);
  }

  issue<N extends CommandName>(name: N, fields: Partial<CommandFields<N>> = {}): void {
    this.invalidate([encodeCommand(name, fields)]);
  }
}

export const at = (address: bigint): string => `0x${address.toString(16)}`;
