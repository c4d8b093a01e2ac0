import { describe, expect, it } from 'vitest';
import { bootWorld } from '../../../model/boot.ts';
import { NO_BINDINGS, resolveCall } from '../../../model/call.ts';
import { composeRules } from '../../../model/rules.ts';
import { step } from '../../../model/step.ts';
import type { Effect } from '../../../model/world/result.ts';
import { OVERRIDES } from '../../../overrides/index.ts';
import { vtdAliases } from '../../../workload/scopes/vtd-aliases.ts';

/** What the driver does when the host takes dev0 away and finds it again: stores and write-backs, in order. */
function rescanned(...names: readonly string[]): readonly string[] {
  const rules = composeRules(OVERRIDES.filter(({ name }) => names.includes(name)));
  const call = resolveCall({ actor: 'device:dev0', command: 'rescan', args: {} }, NO_BINDINGS);
  return step(bootWorld(vtdAliases.platform), call, rules).effects.flatMap(text);
}

function text(effect: Effect): readonly string[] {
  if (effect.kind !== 'vtdWritten' && effect.kind !== 'vtdWrittenBack') return [];
  const line = `dev${effect.device} ${effect.what.table}`;
  return [effect.kind === 'vtdWritten' ? line : `${line} written back`];
}

/** Runs of the same line as one. */
function once(lines: readonly string[]): readonly string[] {
  return lines.filter((line, index) => line !== lines[index - 1]);
}

describe('a unit that does not snoop the caches', () => {
  it('is led to a page of the PASID table once its zeroes are in memory', () => {
    expect(once(rescanned())).toEqual([
      'dev0 pasid',
      'dev0 pasid written back',
      'dev0 context',
      'dev0 context written back',
      'dev0 context',
      'dev0 context written back',
      'dev0 leaf',
      'dev0 leaf written back',
      'dev0 directory',
      'dev0 directory written back',
      'dev0 pasid',
      'dev0 pasid written back',
    ]);
  });

  it('is led there before, under the defect', () => {
    const lines = rescanned('vtd-pasid-directory-published-early');
    expect(lines.indexOf('dev0 directory')).toBeLessThan(lines.indexOf('dev0 leaf written back'));
  });
});

describe('devices with one alias', () => {
  it('have a PASID table each, so that one can be taken away', () => {
    expect(rescanned().filter((line) => line.startsWith('dev1'))).toEqual([]);
  });

  it('lose their entry with the other, where they share one', () => {
    expect(rescanned('vtd-aliases-share-pasid-table')).toContain('dev1 pasid');
  });
});
