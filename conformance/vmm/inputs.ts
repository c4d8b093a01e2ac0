import { WIDE } from '../../model/vmm/control.ts';
import type { Command } from '../../model/world/command.ts';
import { InputError } from '../input-error.ts';
import { type Transfer, transfer } from '../linux/dma.ts';
import type { System } from '../linux/system.ts';
import { type CallLine, type Descriptors, recordedCall } from './calls.ts';
import { type Assigned, assignedOf, type Machine } from './command-line.ts';
import { type Act, after, type Happened, stepAll, still } from './happened.ts';
import { VM } from './host.ts';
import type { Line, LineOf } from './lines.ts';
import { storeInRam, storeOf } from './memory.ts';
import { vsmmuAtBase } from './observe.ts';
import { Pci } from './pci.ts';
import { Unseen } from './unseen.ts';

/** What a line makes happen, and what it is counted as. */
interface Input {
  readonly act: Act | null;
  readonly reason: string;
}

const GUEST = `guest:${VM}`;

/** What guest and operator do, as commands of the model. */
export class Inputs {
  readonly #machine: Machine;
  readonly #pci: Pci;
  #devices: readonly Assigned[] = [];
  #answered = false;
  /** Null: all that the guest stores is known. */
  #unseen: Unseen | null = null;
  /** What the operator last asked to have plugged. */
  #asked: Assigned | null = null;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#pci = new Pci(machine);
  }

  of(line: Line, system: System): Input {
    const input = this.#inputOf(line, system);
    if (line.ev === 'start' && line.unseen === true) this.#unseen = new Unseen(GUEST);
    if (line.ev === 'guest-store') this.#unseen?.tell(line);
    if (this.#unseen === null || input.act === null) return input;
    return { ...input, act: this.#unseen.presuming(input.act) };
  }

  #inputOf(line: Line, system: System): Input {
    switch (line.ev) {
      case 'start':
        return { act: this.#start(), reason: 'input: start' };
      case 'qmp':
        return this.#qmp(line);
      case 'guest-write':
        return { act: this.#write(line), reason: 'input: register' };
      case 'guest-store': {
        const vm = system.world.vms[0];
        const act: Act = (before, rules) => {
          if (vm === undefined) return still(before);
          const happened = stepAll(before, storeOf(line, before.world.vms[0] ?? vm, GUEST), rules);
          return { ...happened, system: storeInRam(happened.system, line) };
        };
        return { act, reason: 'input: store' };
      }
      case 'guest-config':
        return { act: this.#config(line), reason: 'input: PCI configuration' };
      default:
        return { act: null, reason: 'note' };
    }
  }

  /** Whether the last thing that the operator asked has an answer that can be compared. */
  isAnswered(): boolean {
    return this.#answered;
  }

  /** What the operator last asked was refused: a device that was not plugged is nowhere. */
  refuse(): void {
    this.#devices = this.#devices.filter((device) => device !== this.#asked);
  }

  #plugOf(assigned: Assigned): Command | null {
    const vsmmu = this.#pci.vsmmuOf(assigned.bus);
    if (vsmmu === null || assigned.iommufd === null) return null;
    const vsid = this.#pci.streamOf(assigned);
    const { host: device, iommufd, bus: port } = assigned;
    return { actor: 'operator', command: 'plug', args: { vm: VM, vsmmu, device, vsid, iommufd, port } };
  }

  #start(): Act {
    const { devices } = this.#machine;
    this.#devices = devices;
    return (system, rules) => {
      let now = still(system);
      for (const device of devices) {
        const plug = this.#plugOf(device);
        if (plug === null) continue;
        now = after(now, stepAll(now.system, plug, rules));
        if (!now.result.ok) return now;
      }
      return after(now, stepAll(now.system, { actor: 'operator', command: 'boot', args: { vm: VM } }, rules));
    };
  }

  #qmp({ cmd }: LineOf<'qmp'>): Input {
    this.#asked = null;
    this.#answered = ['device_add', 'system_reset', 'migrate'].includes(cmd.execute);
    switch (cmd.execute) {
      case 'device_add': {
        const assigned = assignedOf(
          cmd.arguments as Readonly<Record<string, string>>,
          this.#machine.iommufds,
        );
        const plug = this.#plugOf(assigned);
        if (plug === null) break;
        const act: Act = (system, rules) => stepAll(system, plug, rules);
        this.#devices = [...this.#devices.filter(({ id }) => id !== assigned.id), assigned];
        this.#asked = assigned;
        return { act, reason: 'input: plug' };
      }
      case 'system_reset':
        this.#pci.reset();
        return {
          act: (system, rules) => {
            const reset = stepAll(system, { actor: 'operator', command: 'reset', args: { vm: VM } }, rules);
            return { ...after(reset, this.#renumber(reset.system, rules)), result: reset.result };
          },
          reason: 'input: reset',
        };
      case 'migrate': {
        const args = { vm: VM, host: 1, device: '', vsmmu: 0, vsid: 0 };
        const act: Act = (system, rules) =>
          stepAll(system, { actor: 'operator', command: 'migrate', args }, rules);
        return { act, reason: 'input: migration' };
      }
      default:
        break;
    }
    this.#answered = false;
    return { act: null, reason: 'note' };
  }

  #write({ reg, smmu, val, len = 8 }: LineOf<'guest-write'>): Act {
    const isHigh = reg.endsWith('+4');
    const register = isHigh ? reg.slice(0, -2) : reg;
    const isLow = len < 8 && (WIDE as readonly string[]).includes(register);
    const half = isHigh ? 2 : isLow ? 1 : 0;
    const args = { vsmmu: vsmmuAtBase(smmu), register, value: BigInt(val), half };
    return (system, rules) => stepAll(system, { actor: GUEST, command: 'writeRegister', args }, rules);
  }

  #config({ bdf, off, val, len }: LineOf<'guest-config'>): Act | null {
    const effect = this.#pci.write(bdf, off, Number(val), len);
    if (effect.kind === 'renumber') return (system, rules) => this.#renumber(system, rules);
    if (effect.kind === 'nothing') return null;
    const gone = this.#devices.filter(({ bus }) => bus === effect.bus);
    this.#devices = this.#devices.filter(({ bus }) => bus !== effect.bus);
    return (system, rules) => {
      let now = still(system);
      for (const { host: device } of gone)
        now = after(
          now,
          stepAll(now.system, { actor: 'operator', command: 'unplug', args: { vm: VM, device } }, rules),
        );
      return now;
    };
  }

  /** Every device has the StreamID that the bus numbers now give it; buses with none on them are numbered as well. */
  #renumber(system: System, rules: Parameters<Act>[1]): Happened {
    let now = still(system);
    const used = this.#devices.map(({ bus }) => bus);
    for (const port of new Set([...used, ...this.#pci.ports()])) {
      const vsmmu = this.#pci.vsmmuOf(port);
      const number = this.#pci.numberOf(port);
      const known = now.system.world.vms[0]?.vsmmus[vsmmu ?? -1];
      if (vsmmu === null || known === undefined) continue;
      const isOther =
        known.devices.some((each) => each.port === port && each.vsid >> 8 !== number) ||
        known.buses.some((each) => each.port === port && each.number !== number);
      if (!isOther) continue;
      const args = { vsmmu, device: '', to: number << 8, port };
      now = after(now, stepAll(now.system, { actor: GUEST, command: 'renumber', args }, rules));
    }
    return now;
  }

  /** A call that the VMM makes for reasons of its own. */
  callOf(line: CallLine, fds: Descriptors, { cdevs }: { readonly cdevs: ReadonlyMap<string, string> }): Act {
    const { command } = recordedCall(line, fds, cdevs);
    return (system, rules) => {
      const own = { ...command, actor: `vmm:${VM}` } as Command;
      const happened = stepAll(system, own, rules);
      return { ...happened, calls: [{ command: own, result: happened.result }] };
    };
  }

  /** The vSMMU whose vEVENTQ a descriptor of the model's is. */
  queueOf({ world }: System, fd: number): number | null {
    const index = world.vms[0]?.vsmmus.findIndex(({ backings }) =>
      backings.some(({ veventq }) => veventq?.fd === fd),
    );
    return index === undefined || index < 0 ? null : index;
  }

  hasEvents({ world }: System, vsmmu: number): boolean {
    const backings = world.vms[0]?.vsmmus[vsmmu]?.backings ?? [];
    return backings.some(({ veventq }) =>
      world.contexts.some((context) => {
        const object = context?.objects[veventq?.id ?? -1];
        return object?.type === 'veventq' && object.events.length > 0;
      }),
    );
  }

  serve(vsmmu: number): Act {
    const args = { vm: VM, vsmmu };
    return (system, rules) => stepAll(system, { actor: 'operator', command: 'serveEvents', args }, rules);
  }

  /** Where the guest goes on reading events when it writes EVENTQ_CONS. */
  eventsFrom({ smmu }: LineOf<'guest-write'>, { world }: System): { vsmmu: number; at: number } {
    const vsmmu = vsmmuAtBase(smmu);
    return { vsmmu, at: world.vms[0]?.vsmmus[vsmmu]?.control.EVENTQ_CONS ?? 0 };
  }

  dmaOf(line: LineOf<'transfer'>, { world }: System): Transfer {
    const assigned = this.#pci.deviceAt(BigInt(line.bar), this.#devices);
    const device = world.platform.devices.findIndex(({ id }) => id === assigned?.host);
    return { device, direction: line.dir, iova: BigInt(line.iova), length: line.len };
  }

  transfer(line: LineOf<'transfer'>, file: string): Act {
    return (system, rules) => {
      const dma = this.dmaOf(line, system);
      if (dma.device < 0)
        throw new InputError(file, null, `"bar": no device has its registers at ${line.bar}`);
      return { ...still(system), system: transfer(system, dma, rules)[0] ?? system };
    };
  }
}
