import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTraceFile } from '../../checker/files.ts';
import { replayTrace } from '../../checker/replay.ts';
import { printTrace } from '../../checker/trace/encode.ts';
import { settingOf } from '../../cli/trace-setting.ts';
import { openTrace } from '../../page/session/open.ts';
import { shownFile } from '../../page/session/shown.ts';
import { ALL_PROPERTIES } from '../../properties/index.ts';
import { file } from '../cli/file.ts';
import { committedTrace, VMID } from './lab.ts';

const { trace, scope, rules } = await committedTrace(VMID);
const TEXT = printTrace(trace);

/** Files that are no traces, each in its own way. */
const BROKEN: Readonly<Record<string, string>> = {
  'cut.json': TEXT.slice(0, 300),
  'empty.json': '',
  'no-object.json': '[1, 2]',
  'unknown-key.json': TEXT.replace('"scope"', '"scpoe"'),
  'unknown-command.json': TEXT.replace('openCdev', 'openCdv'),
  'wrong-argument.json': TEXT.replace('"flags": 1', '"flags": -1'),
  'other-format.json': TEXT.replace('nestcheck-trace/1', 'nestcheck-trace/9'),
  'unknown-scope.json': TEXT.replace('"one-smmu"', '"one-smu"'),
  'unknown-property.json': TEXT.replace('"vsmmus-have-own-tag"', '"vsmmus-have-own-tags"'),
  'unknown-design.json': TEXT.replace('"linux-7.2"', '"linux-7.9"'),
  'twice.json': TEXT.replace('"scope"', '"format": "nestcheck-trace/1", "scope"'),
  'escape.json': TEXT.replace('"vmm:vm0"', '"vmm:vm0\\u001b[31m"'),
};

/** What `nestcheck replay` says of a file, with the file's name in the place of its path. */
async function saidByReplay(name: string, text: string): Promise<string> {
  const path = await file(name, text);
  try {
    const read = await readTraceFile(path);
    await settingOf(path, read, []);
  } catch (error) {
    return (error as Error).message.replace(path, basename(path));
  }
  return 'nothing';
}

describe('a file that is opened', () => {
  it.each(Object.entries(BROKEN))('%s is refused with the words of the command line', async (name, text) => {
    const said = await saidByReplay(name, text);
    expect(said).not.toBe('nothing');
    // How much of a long list is shown depends on the length of the path.
    expect(() => shownFile(name, text)).toThrow(said.slice(0, 180));
  });

  it('may be steps by hand, whose mistakes are named by line', () => {
    expect(
      shownFile('mine.steps', 'scope one-smmu\nvmm:vm0 openIommufd as iommufd0\n').session.places,
    ).toHaveLength(2);
    expect(() => shownFile('mine.steps', 'scope one-smmu\nvmm:vm0 openIommu\n')).toThrow(
      /^mine\.steps:2: unknown command 'openIommu'/,
    );
    expect(() => shownFile('mine.steps', 'vmm:vm0 openIommufd\n')).toThrow(
      "mine.steps: expected one scope: a line 'scope NAME'",
    );
  });

  it('drifts where replay says that it does, and to the same', () => {
    const properties = ALL_PROPERTIES;
    const changed = [
      {
        ...trace,
        steps: trace.steps.map((step, at) =>
          at === 4 ? { ...step, result: { ok: true, out: {} } as const } : step,
        ),
      },
      { ...trace, violation: 'something else' },
      { ...trace, property: 'references-counted' },
      { ...trace, property: null, violation: null },
      { ...trace, steps: [...trace.steps, trace.steps[1] as (typeof trace.steps)[number]] },
    ];
    for (const other of changed) {
      const drift = replayTrace(other, { scope, rules, properties });
      expect(drift).not.toBeNull();
      const { outcome } = openTrace(other);
      expect(outcome).toMatchObject({ kind: 'drifts', step: drift?.step, expected: drift?.expected });
    }
    expect(openTrace(trace).outcome).toEqual({ kind: 'replays' });
  });
});
