import type { VtdOutcome, VtdRequest } from '../../model/vtd/architecture/outcome.ts';
import { type FaultRegisters, registersAfter } from '../../model/vtd/emulated/registers.ts';
import type { VtdDeviation } from '../../overrides/deviations/vtd-qemu-11/index.ts';
import { Kinds } from '../kinds.ts';
import type { Disagreement } from '../report.ts';
import type { Observed } from './observe.ts';

/** What a replay of a file of a VT-d unit found. */
export class VtdTally {
  events = 0;
  checked = 0;
  agreed = 0;
  unnamed = 0;
  first: Disagreement | null = null;
  readonly kinds = new Kinds();
  readonly deviations = new Map<string, number>();

  agree(): void {
    this.events++;
    this.checked++;
    this.agreed++;
  }

  /** `needed`: the deviations that explain it; undefined: nothing does. */
  disagree(needed: readonly VtdDeviation[] | undefined, disagreement: () => Disagreement): void {
    this.events++;
    this.checked++;
    if (needed === undefined) {
      this.unnamed++;
      const parted = disagreement();
      this.first ??= parted;
      this.kinds.note(kindOf(parted), { section: `line ${parted.line}`, ...parted });
    }
    for (const { name } of needed ?? []) this.deviations.set(name, (this.deviations.get(name) ?? 0) + 1);
  }
}

/** The fields in which the two part. */
function kindOf({ expected, model }: Disagreement): string {
  const fields = [...new Set([...Object.keys(expected), ...Object.keys(model)])];
  return fields.filter((field) => expected[field] !== model[field]).join(', ');
}

export function disagreementAt(
  line: number,
  where: string,
  request: VtdRequest,
  observed: Observed,
  before: FaultRegisters,
  model: VtdOutcome,
): Disagreement {
  const { sourceId, write, address } = request;
  const after = registersAfter(before, model, request);
  return {
    line,
    event: `${where}: ${write ? 'write' : 'read'} 0x${address.toString(16)} by 0x${sourceId.toString(16)}`,
    expected: {
      pa: observed.pa === null ? 'none' : hex(observed.pa),
      ...shownRegisters(observed.registers),
      ...(observed.value === undefined ? {} : { value: hex(observed.value) }),
      changed: shownChanges([...(observed.changed ?? [])]),
    },
    model: {
      ...(model.kind === 'translated' ? { pa: hex(model.address) } : { outcome: model.kind }),
      ...shownRegisters(after),
      changed:
        'updates' in model ? shownChanges(model.updates.map((each) => [each.address, each.value])) : '',
    },
  };
}

function hex(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}

function shownRegisters({ record, fsts }: FaultRegisters): Readonly<Record<string, string>> {
  return { record: record.map(hex).join(','), fsts: hex(fsts) };
}

function shownChanges(changes: readonly (readonly [bigint, bigint])[]): string {
  return changes.map(([address, value]) => `${hex(address)}:${hex(value)}`).join(',') || 'nothing';
}
