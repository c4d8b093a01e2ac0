import { describe, expect, it } from 'vitest';
import { violationOf } from '../../../checker/violation.ts';
import { underOne } from '../../../checker/watchdog.ts';
import { composeRules, intended } from '../../../model/rules.ts';
import { DESIGN_AXES, MUTANTS, resolveDesign } from '../../../overrides/index.ts';
import { MSI_PROPERTIES, MSI_WISHES } from '../../../properties/msi/index.ts';
import { committedCounterexamples } from '../../../tools/committed.ts';
import { readVerdicts } from '../../../tools/verdicts.ts';

const { topics } = await readVerdicts();
const matrix = topics.find(({ topic }) => topic === 'msi')?.designs ?? {};
const designs = Object.keys(matrix);
/** What no design decides: which allocator makes an automatic HWPT is the same question whatever has the doorbell's address. */
const OF_NO_DESIGN = ['enabled-vector-has-place', 'refused-message-takes-nothing'];
const ofDesigns = [...MSI_PROPERTIES, ...MSI_WISHES].filter(({ id }) => !OF_NO_DESIGN.includes(id));
const ids = ofDesigns.map(({ id }) => id);

describe('the matrix of MSI designs', () => {
  it('has every design of the axis, and every property and wish', () => {
    const axis = DESIGN_AXES.find(({ name }) => name === 'msi');
    expect(designs).toEqual(axis?.values.map(({ name }) => `msi=${name}`));
    for (const design of designs) expect(Object.keys(matrix[design] ?? {}).sort()).toEqual([...ids].sort());
  });

  it('tells every design from all others by a property that it alone violates or satisfies', () => {
    for (const design of designs) {
      const others = designs.filter((other) => other !== design);
      const alone = ids.filter((id) => {
        const own = matrix[design]?.[id];
        const violated = others.filter((other) => matrix[other]?.[id] === 'violated');
        return own === 'violated'
          ? violated.length === 0
          : own === 'holds' && violated.length === others.length;
      });
      expect(alone.length, design).toBeGreaterThan(0);
    }
  });

  it('has what was built satisfy everything but the wishes', () => {
    const built = matrix['msi=rmr-window'] ?? {};
    expect(ids.filter((id) => built[id] !== 'holds')).toEqual(MSI_WISHES.map(({ id }) => id));
  });

  it('has no trace that violates a property in a design where that holds', async () => {
    const traces = (await committedCounterexamples()).filter(({ property }) => ids.includes(property.id));
    expect(traces.length).toBeGreaterThan(20);
    for (const design of designs) {
      const resolved = resolveDesign([design]);
      if ('error' in resolved) throw new Error(resolved.error);
      const rules = composeRules(resolved.overrides);
      const kept = ofDesigns.filter(({ id }) => matrix[design]?.[id] !== 'violated');
      for (const { trace, scope } of traces.filter((each) => each.scope.name !== 'wide-its')) {
        const calls = trace.steps.map(({ result: _, ...call }) => call);
        const looked = kept.filter(({ appliesTo }) => appliesTo?.(scope.platform) !== false);
        const violations = underOne(() =>
          looked.flatMap((property) => {
            const found = violationOf({ scope, rules }, property, calls);
            return found === null ? [] : `${design} ${property.id}: ${found.violation}`;
          }),
        );
        expect(violations).toEqual([]);
      }
    }
  });
});

describe('wishes', () => {
  it('are broken by the intended rules themselves, and by no override that there is', () => {
    expect(MSI_WISHES.map(({ brokenBy }) => brokenBy)).toEqual(['intended', 'intended']);
    expect(MUTANTS.some(({ name }) => name === 'intended')).toBe(false);
    expect(intended.msi.doorbellPlace).toBe('window');
  });
});
