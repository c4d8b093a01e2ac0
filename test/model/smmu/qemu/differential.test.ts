import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attribute } from '../../../../conformance/vectors/attribute.ts';
import type { Access } from '../../../../model/smmu/architecture/access.ts';
import type { Outcome } from '../../../../model/smmu/architecture/outcome.ts';
import {
  type SmmuArchitectureRules,
  smmuArchitectureIntended,
} from '../../../../model/smmu/architecture/rules.ts';
import { translateThroughSte } from '../../../../model/smmu/architecture/translate.ts';
import { enabledSmmu, installSte, type QemuSmmu } from '../../../../model/smmu/qemu/smmu.ts';
import { translateCached } from '../../../../model/smmu/qemu/translate.ts';
import { sameState } from '../../../../model/world/equal.ts';
import { smmuQemu11, smmuQemu11Deviations } from '../../../../overrides/deviations/smmu-qemu-11.ts';
import { REGISTERS } from '../machine.ts';
import { anyConfiguration, type Configuration } from './random-configuration.ts';

const RUNS = 400;

function machineFor({ ste }: Configuration, { streamId }: Access): QemuSmmu {
  return installSte(enabledSmmu(REGISTERS), streamId, ste);
}

function walked({ ste, read }: Configuration, access: Access, rules: SmmuArchitectureRules): Outcome {
  return translateThroughSte(ste, access, enabledSmmu(REGISTERS).implementation, read, rules);
}

/** Every access of random configurations, and how its outcomes are spread. */
function everyAccess(check: (configuration: Configuration, access: Access) => string): Map<string, number> {
  const seen = new Map<string, number>();
  const property = fc.property(anyConfiguration, (configuration) => {
    for (const access of configuration.accesses) {
      const kind = check(configuration, access);
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }
  });
  fc.assert(property, { numRuns: RUNS });
  return seen;
}

const kindOf = (outcome: Outcome): string =>
  outcome.kind === 'fault'
    ? `${outcome.event.name} S${outcome.event.stage2 ? 2 : 1} ${outcome.event.class}`
    : outcome.kind;

describe('over random configurations,', () => {
  it.each([
    ['the architecture', smmuArchitectureIntended],
    ['QEMU', smmuQemu11],
  ])('the caching machine with nothing cached does what a walk does, by the rules of %s', (_name, rules) => {
    const seen = everyAccess((configuration, access) => {
      const { outcome } = translateCached(
        machineFor(configuration, access),
        access,
        configuration.read,
        rules,
      );
      expect(outcome).toEqual(walked(configuration, access, rules));
      return kindOf(outcome);
    });
    // Else the generator shows nothing.
    for (const kind of [
      'translated',
      'C_BAD_STE S1 CD',
      'C_BAD_CD S1 CD',
      'F_TRANSLATION S1 IN',
      'F_TRANSLATION S2 IN',
    ])
      expect(seen.get(kind), kind).toBeGreaterThan(0);
  });

  it('by the architecture, what is cached changes nothing for accesses of one direction', () => {
    const property = fc.property(anyConfiguration, (configuration) => {
      const [first] = configuration.accesses;
      let smmu = machineFor(configuration, first as Access);
      for (const access of [...configuration.accesses, ...configuration.accesses]) {
        const translated = translateCached(smmu, access, configuration.read, smmuArchitectureIntended);
        smmu = translated.smmu;
        expect(translated.outcome).toEqual(walked(configuration, access, smmuArchitectureIntended));
      }
    });
    fc.assert(property, { numRuns: RUNS });
  });

  it('where QEMU parts from the architecture, named deviations say why', () => {
    const names = new Set<string>();
    everyAccess((configuration, access) => {
      const expected = walked(configuration, access, smmuQemu11);
      const agrees = (rules: SmmuArchitectureRules) =>
        sameState(walked(configuration, access, rules), expected);
      if (agrees(smmuArchitectureIntended)) return 'agrees';
      const needed = attribute(smmuQemu11Deviations, agrees);
      expect(needed).toBeDefined();
      for (const { name } of needed ?? []) names.add(name);
      return 'parts';
    });
    expect(names.size).toBeGreaterThan(8);
  });
});
