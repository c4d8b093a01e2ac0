import { describe, expect, it } from 'vitest';
import { listedRules } from '../../checker/rules-listed.ts';
import { DECISION_POINTS } from '../../model/decision-points.ts';
import { DESIGN_AXES, OVERRIDES } from '../../overrides/index.ts';

describe('the listed rules', () => {
  const rules = listedRules();
  const named = (name: string) => rules.find((rule) => rule.name === name);

  it('are every decision point', () => {
    expect(rules.map(({ name }) => name)).toEqual(DECISION_POINTS.map(({ path }) => path));
  });

  it('say what is intended, and who decides otherwise', () => {
    expect(named('iommufd.vsmmuOwnsVmid')).toEqual({
      name: 'iommufd.vsmmuOwnsVmid',
      summary: 'Whether a vIOMMU has a TLB tag of its own, or that of its nesting parent.',
      source: 'boolean; intended true; overridden by vsmmus-share-vmid',
      machine: 'iommufd',
      point: 'vsmmuOwnsVmid',
      type: 'boolean',
      intended: true,
      overriddenBy: ['vsmmus-share-vmid'],
    });
    expect(named('msi.doorbellPlace')).toMatchObject({
      type: "'window' | 'cookie' | 'told' | 'asked-for' | 'its-file'",
      intended: 'window',
      overriddenBy: expect.arrayContaining(['msi=cookie-user', 'msi=its-mmap']),
    });
    expect(named('iommufd.nestedAttachNeedsVdevice')).toMatchObject({
      type: "(config: 'abort' | 'bypass' | 's1Translate') => boolean",
      intended: expect.stringContaining('config'),
    });
  });

  it('name each override at what it decides', () => {
    const decided = new Set(rules.flatMap(({ overriddenBy }) => overriddenBy));
    const designs = DESIGN_AXES.flatMap((axis) =>
      axis.values
        .filter(({ overrides }) => overrides.some(({ kind }) => kind === 'design'))
        .map(({ name }) => `${axis.name}=${name}`),
    );
    expect([...decided].filter((name) => name.includes('=')).sort()).toEqual(designs.sort());
    for (const { name, kind } of OVERRIDES) if (kind !== 'design') expect(decided).toContain(name);
  });

  it('can be printed as JSON', () => {
    expect(JSON.parse(JSON.stringify(rules))).toEqual(rules);
  });
});
