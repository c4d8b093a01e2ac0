import type { VtdRequest } from '../../model/vtd/architecture/outcome.ts';
import type { VtdArchitectureRules } from '../../model/vtd/architecture/rules.ts';
import { translateVtd } from '../../model/vtd/architecture/translate.ts';
import { vtdUnitOf } from '../../model/vtd/architecture/unit.ts';
import { type VtdDeviation, withVtdDeviations } from '../../overrides/deviations/vtd-qemu-11/index.ts';
import { decode } from '../../spec/bits.ts';
import { globalStatus } from '../../spec/vtd/registers.ts';
import { explain } from '../explain.ts';
import { RecordedMemory } from './memory.ts';
import { NO_FAULT, type Observed, shows } from './observe.ts';
import { disagreementAt, VtdTally } from './report.ts';
import type { VtdAccess, VtdConfig, VtdVectors } from './vtd-file.ts';

/** Replays every access of a file whose caches were emptied before each, under `rules`. */
export function replayVtdVectors(
  file: VtdVectors,
  rules: VtdArchitectureRules,
  deviations: readonly VtdDeviation[],
): VtdTally {
  const tally = new VtdTally();
  for (const [index, config] of file.configs.entries())
    replayConfig(file, config, index, rules, deviations, tally);
  return tally;
}

function replayConfig(
  file: VtdVectors,
  config: VtdConfig,
  index: number,
  rules: VtdArchitectureRules,
  deviations: readonly VtdDeviation[],
  tally: VtdTally,
): void {
  const unit = unitOf(file);
  const memory = new RecordedMemory(file, config.memory);
  const { RTADDR: rootTable, GSTS } = config.registers;
  const registers = { rootTable, enabled: decode(globalStatus, [BigInt(GSTS)]).TES === 1 };
  config.accesses.forEach((access, number) => {
    const request = requestOf(file, access);
    const observed = observedIn(access);
    const under = (chosen: VtdArchitectureRules) =>
      translateVtd(unit, registers, request, memory.read, chosen);
    const agrees = (chosen: VtdArchitectureRules): boolean =>
      shows(under(chosen), request, NO_FAULT, observed, memory);
    if (agrees(rules)) tally.agree();
    else {
      const needed = explain(deviations, (chosen) => agrees(withVtdDeviations(chosen)));
      const where = `configuration ${index}, access ${number}`;
      tally.disagree(needed, () =>
        disagreementAt(index + 1, where, request, observed, NO_FAULT, under(rules)),
      );
    }
    for (const [address, word] of access.changed ?? []) memory.write(address, word);
  });
}

export function unitOf({ registers, hostAddressWidth }: Pick<VtdVectors, 'registers' | 'hostAddressWidth'>) {
  return vtdUnitOf({ cap: registers.CAP, ecap: registers.ECAP, hostAddressWidth });
}

export function requestOf(
  { devices }: Pick<VtdVectors, 'devices'>,
  { device, iova: address, write }: Pick<VtdAccess, 'device' | 'iova' | 'write'>,
): VtdRequest {
  return { sourceId: devices[device]?.sid ?? 0, address, write };
}

/** F is cleared after each access, so that a record is the access's own. */
function observedIn({ pa, value, changed, fault, fsts }: VtdAccess): Observed {
  return { pa, value, changed, registers: { record: fault?.record ?? NO_FAULT.record, fsts } };
}
