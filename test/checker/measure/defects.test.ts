import { describe, expect, it } from 'vitest';
import { measureDefect, propertyOf } from '../../../checker/measure/defects.ts';
import { type Kill, kills } from '../../../checker/measure/hunt.ts';
import { composeRules, type Override } from '../../../model/rules.ts';
import { BEYOND_REACH } from '../../../overrides/defects/beyond.ts';
import { DEFECTS } from '../../../overrides/index.ts';
import type { Property } from '../../../properties/property.ts';
import { readDefectData } from '../../../tools/data.ts';
import { generateCall } from '../../../workload/generator/generate.ts';
import { scopeByName } from '../../../workload/scopes/index.ts';
import type { Scope } from '../../../workload/scopes/scope.ts';

const { defects: measured } = await readDefectData();

/** Defects that a check finds early: the others are found by the same search, which takes longer. */
const EARLY = measured.filter(({ runs }) => (runs[0] ?? Number.POSITIVE_INFINITY) <= 20);

function find(name: string): Override {
  const defect = DEFECTS.find((each) => each.name === name);
  if (defect === undefined) throw new Error(`there is no defect ${name}`);
  return defect;
}

describe('the defects', () => {
  it('each have a property that must find them', () => {
    expect(DEFECTS.filter((defect) => propertyOf(defect) === undefined).map(({ name }) => name)).toEqual([]);
  });

  it('were all found at every seed where they were measured, in at most 20 commands', () => {
    expect(measured.filter(({ runs }) => runs.includes(null)).map(({ defect }) => defect)).toEqual([]);
    expect(measured.filter(({ commands }) => commands > 20).map(({ defect }) => defect)).toEqual([]);
  });

  it('beyond reach say why', () => {
    expect(BEYOND_REACH.filter(({ reason }) => reason.length < 30)).toEqual([]);
  });

  it.each(EARLY.map((row) => [row.defect, row.property, row] as const))(
    '%s is found by %s again',
    (name, id, row) => {
      const defect = find(name);
      const property = propertyOf(defect) as Property;
      expect(property.id).toBe(id);
      const scopes = [scopeByName(row.scope) as Scope];
      const rules = composeRules([defect]);
      const plan = { rules, scopes, properties: [property], generate: generateCall, seed: 1, steps: 60 };
      const found: Kill | undefined = kills(plan, () => 400).next().value ?? undefined;
      expect(found?.property.id).toBe(id);
    },
  );

  it('are measured as a check finds them', async () => {
    const result = await measureDefect(find('map-without-protection'));
    expect(result?.kills).toContain('every-mapping-allows-something');
    expect(result?.commands).toBe(3);
  });
});
