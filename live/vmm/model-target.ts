import { hexOfBytes } from '../../conformance/hex.ts';
import { answered } from '../../conformance/linux/answer.ts';
import type { Line as KernelLine } from '../../conformance/linux/lines.ts';
import { bootSystem, type System } from '../../conformance/linux/system.ts';
import type { Call } from '../../conformance/vmm/calls.ts';
import { Inputs } from '../../conformance/vmm/inputs.ts';
import type { Line } from '../../conformance/vmm/lines.ts';
import { eventAt, registerOf } from '../../conformance/vmm/observe.ts';
import { landedOf } from '../../conformance/vmm/transfer.ts';
import type { ArgValue } from '../../model/call.ts';
import type { Rules } from '../../model/rules.ts';
import { ALL_IOCTLS, type AnyIoctlName, type CommandArgs } from '../../model/world/command.ts';
import type { Result } from '../../model/world/result.ts';
import { ERRNO } from '../../spec/errno.ts';
import { IdleTarget } from '../idle-target.ts';
import { ioctlBytes } from '../ioctl-bytes.ts';
import type { LiveSequence } from '../step.ts';
import type { Described, Ran } from '../target.ts';
import { machineFor } from './machine.ts';
import { planVmm } from './plan.ts';
import { lineOf, type Planned, type Seen } from './planned.ts';

/** A VMM that the model is, under rules of its own. */
export class VmmModelTarget extends IdleTarget {
  readonly #planned: Rules;
  readonly #rules: Rules;

  /** `planned`: the rules by which is planned what is done to it; `rules`: those by which it answers. */
  constructor(described: Described, planned: Rules, rules: Rules) {
    super(described);
    this.#planned = planned;
    this.#rules = rules;
  }

  async run(sequence: LiveSequence): Promise<Ran> {
    const { platform, cdevs } = this.described;
    const { cold, planned, steps } = planVmm(platform, this.#planned, sequence);
    const machine = new Played(bootSystem(platform, true), new Inputs(machineFor(cold)), this.#rules, cdevs);
    const lines: Line[] = [];
    const from: number[] = [];
    for (const [at, each] of planned.entries()) {
      for (const line of machine.play(each)) {
        lines.push({ ...line, seq: lines.length });
        from.push(steps[at] ?? -1);
      }
    }
    return { lines, steps: from, end: 'ok', files: -1 };
  }
}

/** A machine that the model plays, line by line. */
class Played {
  #system: System;
  readonly #inputs: Inputs;
  readonly #rules: Rules;
  readonly #cdevs: ReadonlyMap<string, string>;
  #result: Result = { ok: true, out: {} };
  #landed = '';

  constructor(system: System, inputs: Inputs, rules: Rules, cdevs: ReadonlyMap<string, string>) {
    this.#system = system;
    this.#inputs = inputs;
    this.#rules = rules;
    this.#cdevs = cdevs;
  }

  play({ input, sees }: Planned): readonly Line[] {
    const lines: Line[] = [];
    if (input !== null) {
      lines.push(input);
      const before = this.#system;
      const isTransfer = input.ev === 'transfer';
      const act = isTransfer
        ? this.#inputs.transfer(input, 'model')
        : this.#inputs.of(input, this.#system).act;
      if (isTransfer) this.#landed = landedOf(before, this.#inputs.dmaOf(input, before), this.#rules);
      if (act !== null) lines.push(...this.#carryOut(act));
      if (input.ev === 'qmp' && !this.#result.ok) this.#inputs.refuse();
      if (isTransfer) lines.push(...this.#serve());
    }
    const seen = sees === null ? null : this.#see(sees);
    if (seen !== null) lines.push(seen);
    return lines;
  }

  #carryOut(act: NonNullable<ReturnType<Inputs['of']>['act']>): readonly Line[] {
    const { system, calls, result } = act(this.#system, this.#rules);
    this.#system = system;
    this.#result = result;
    return calls.map((call) => callLine(call, this.#cdevs));
  }

  /** The VMM's loop takes what a device's DMA left in the kernel's queues. */
  #serve(): readonly Line[] {
    const count = this.#system.world.vms[0]?.vsmmus.length ?? 0;
    return Array.from({ length: count }, (_, vsmmu) => vsmmu)
      .filter((vsmmu) => this.#inputs.hasEvents(this.#system, vsmmu))
      .flatMap((vsmmu) => this.#carryOut(this.#inputs.serve(vsmmu)));
  }

  #see(seen: Seen): Line | null {
    switch (seen.kind) {
      case 'read': {
        const { reg, smmu } = seen;
        const asked = lineOf({ ev: 'guest-read', reg, smmu, val: '0x0' });
        const val = registerOf(this.#system, asked);
        return val === null ? null : { ...asked, val };
      }
      case 'event':
        return lineOf({ ev: 'guest-event', hex: eventAt(this.#system, seen.vsmmu, seen.index) });
      case 'landed':
        return lineOf({ ev: 'landed', iova: `0x${seen.iova.toString(16)}`, where: this.#landed });
      case 'reply': {
        const r = this.#result.ok ? { return: {} } : { error: { class: 'GenericError' } };
        return lineOf({ ev: 'qmp-reply', r: [r] });
      }
    }
  }
}

/** A call as a recording has it. */
function callLine({ command, result }: Call, cdevs: ReadonlyMap<string, string>): Line {
  const head = { seq: 0, section: 'live' } as const;
  const errno = result.ok ? 0 : ERRNO[result.errno];
  switch (command.command) {
    case 'openIommufd':
    case 'openCdev': {
      const path =
        command.command === 'openIommufd'
          ? '/dev/iommu'
          : (cdevs.get((command.args as CommandArgs['openCdev']).device) ?? '');
      return { ...head, ev: 'open', path, ret: result.ok ? Number(result.out.fd) : -1, errno };
    }
    case 'close': {
      const { fd } = command.args as CommandArgs['close'];
      return { ...head, ev: 'close', fd, ret: result.ok ? 0 : -1, errno };
    }
    case 'read': {
      const { fd } = command.args as CommandArgs['read'];
      const line: KernelLine & { ev: 'read' } = { ...head, ev: 'read', fd, ret: 0, errno, hex: '' };
      const { ret, hex } = answered(line, command, result);
      return { ...line, ret: Number(ret), hex: String(hex) };
    }
    default: {
      const name = command.command as AnyIoctlName;
      const args = command.args as unknown as Readonly<Record<string, ArgValue>>;
      const { bytes, buffers } = ioctlBytes(name, args);
      const given = hexOfBytes(bytes);
      const line: KernelLine & { ev: 'ioctl' } = {
        ...head,
        ev: 'ioctl',
        fd: Number(args.fd),
        name: ALL_IOCTLS[name].name,
        nr: `0x${ALL_IOCTLS[name].nr.toString(16)}`,
        in: given,
        out: given,
        bufs: buffers.map(({ offset, bytes: content }) => ({ off: offset, in: hexOfBytes(content) })),
        ret: 0,
        errno,
      };
      const { ret, out, bufs } = answered(line, command, result);
      const after = bufs === undefined || bufs === '' ? [] : String(bufs).split(' ');
      return {
        ...line,
        ret: Number(ret),
        out: String(out),
        bufs: (line.bufs ?? []).map((each, at) => ({ ...each, out: after[at] ?? '' })),
      };
    }
  }
}
