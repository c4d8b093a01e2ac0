import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { replayRecording } from '../../../conformance/linux/replay.ts';
import { type Design, resolveDesign } from '../../../overrides/index.ts';

type Line = Record<string, unknown>;

const FILE = join(
  import.meta.dirname,
  '../../../conformance/recordings/linux-7.2.13/smmuv3-scenario.jsonl.gz',
);

/** The recording up to where its MSIs are switched off again; line n is at n - 1. */
const RECORDED: readonly Line[] = gunzipSync(readFileSync(FILE))
  .toString()
  .trim()
  .split('\n')
  .slice(0, 756)
  .map((line) => JSON.parse(line) as Line);

const LINE = { on: 730, nested: 731, unmapped: 737, invalidated: 738, missed: 739, event: 740, off: 756 };

const folder = mkdtempSync(join(tmpdir(), 'nestcheck-'));

function rules(selector: string): Design['overrides'] {
  const design = resolveDesign([selector]);
  if ('error' in design) throw new Error(design.error);
  return design.overrides;
}

const RECORDED_RULES = 'msi=rmr-window,kernel=linux-7.2,smmu=qemu-11';

async function replay(lines: readonly Line[], selector = RECORDED_RULES) {
  const path = join(folder, 'changed.jsonl');
  writeFileSync(path, lines.map((line) => JSON.stringify(line)).join('\n'));
  return replayRecording(path, rules(selector));
}

const msi = (fired: boolean, bdf?: string): Line => {
  return { seq: 0, section: 'msi', ev: 'msi', fired, ...(bdf === undefined ? {} : { bdf }) };
};

/** The recording with lines changed, by number; null: left out. */
function changed(changes: Readonly<Record<number, Line | null>>): readonly Line[] {
  return RECORDED.flatMap((line, at) => {
    const change = changes[at + 1];
    if (change === null) return [];
    return [change === undefined ? line : { ...line, ...change }];
  });
}

describe('a recording in which MSIs do something else', () => {
  it.each<[string, readonly Line[], number]>([
    ['one on nested S1 is lost', changed({ [LINE.nested]: { fired: false } }), LINE.nested],
    ['one for which stage 1 has nothing arrives', changed({ [LINE.missed]: { fired: true } }), LINE.missed],
    [
      'its fault is at another address',
      changed({
        [LINE.event]: {
          hex: `${'000000000d000000100000001001000000000000000200004000000'}9${'0'.repeat(24)}`,
        },
      }),
      LINE.event,
    ],
    ['it leaves no event', changed({ [LINE.event]: { ret: 0, hex: '' } }), LINE.event],
    ['one arrives before they are on', [...RECORDED.slice(0, LINE.on - 1), msi(true)], LINE.on],
    ['one arrives after they are off', [...RECORDED, msi(true)], LINE.off + 1],
    [
      'one of a device arrives that has none on',
      changed({ [LINE.nested]: { bdf: '0000:00:03.0' } }),
      LINE.nested,
    ],
    [
      'stage 1 may only read the doorbell, and the event is as if it had nothing',
      changed({ [LINE.unmapped]: { hex: 'c10f000800000000' } }),
      LINE.event,
    ],
  ])('%s: that line differs', async (_, lines, number) => {
    expect((await replay(lines)).first?.line).toBe(number);
  });

  it.each<[string, readonly Line[]]>([
    ['none before they are on', [...RECORDED.slice(0, LINE.on - 1), msi(false)]],
    ['none after they are off', [...RECORDED, msi(false)]],
    ['one of a device that is named', changed({ [LINE.nested]: { bdf: '0000:00:02.0' } })],
    [
      'none of another device',
      [...RECORDED.slice(0, LINE.nested), msi(false, '0000:00:03.0'), ...RECORDED.slice(LINE.nested)],
    ],
    [
      'one that stage 1 leads into memory: it is lost, and there is no event',
      changed({
        [LINE.unmapped]: { hex: '410f100000000000' },
        [LINE.event]: { ret: 0, hex: '' },
      }),
    ],
  ])('%s: all agrees', async (_, lines) => {
    expect((await replay(lines)).first).toBeNull();
  });

  it.each([
    ['one that is lost', {}],
    ['one that arrives', { [LINE.missed]: { fired: true }, [LINE.event]: { ret: 0, hex: '' } }],
  ])('%s, where a cache may still have the doorbell: the architecture permits it', async (_, lines) => {
    const kept = changed({ ...lines, [LINE.invalidated]: null });
    expect((await replay(kept, 'msi=rmr-window,kernel=linux-7.2')).first).toBeNull();
  });

  it('says where a device is named that is not there', async () => {
    await expect(replay(changed({ [LINE.nested]: { bdf: '0000:77:00.0' } }))).rejects.toThrow(
      /:731: "bdf": no device 0000:77:00.0/,
    );
  });
});
