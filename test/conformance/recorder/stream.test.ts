import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { conformFile, InputError, judgeFile } from '../../../conformance/index.ts';
import { MOST_BEFORE, MOST_LAST, Past } from '../../../conformance/judge/past.ts';
import type { Line } from '../../../conformance/linux/lines.ts';
import { MOST_HELD, TracedInputs } from '../../../conformance/recorder/qemu-traces.ts';
import { MOST_AHEAD } from '../../../conformance/vmm/follower.ts';
import { CALLS_PROPERTIES } from '../../../properties/calls/index.ts';
import { design } from '../../support/design.ts';

const RECORDINGS = join(import.meta.dirname, '../../../conformance/recordings');
const DESIGN = design('kernel=linux-7.2,smmu=qemu-11,vmm=qemu-11');

function linesOf(name: string): string[] {
  const text = gunzipSync(readFileSync(join(RECORDINGS, `${name}.jsonl.gz`))).toString();
  return text.trimEnd().split('\n');
}

function written(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'nestcheck-stream-')), 'changed.jsonl');
  writeFileSync(path, text);
  return path;
}

const said = (tid: number, text: string): Line => ({ seq: 0, section: '', ev: 'said', tid, text });
const ioctl = (tid: number, nr: string): Line => ({
  ...{ seq: 0, section: '', ev: 'ioctl', tid, fd: 3, name: '', nr, in: '', out: '', ret: 0, errno: 0 },
});
const READ = 'smmuv3_read_mmio addr: 0x20 val:0x0 size: 0x4(0)';
const WRITE = 'smmuv3_write_mmio addr: 0x98 val:0x1 size: 0x4(0)';
const CONSUME = 'smmuv3_cmdq_consume prod=1 cons=0 prod.wrap=0 cons.wrap=0';

const traced = (): TracedInputs => new TracedInputs({ path: 'vm.jsonl', smmus: 1, addressed: false });

describe('lines that are held back for an access that is not told of yet', () => {
  it('are let go with it, behind what the guest did', () => {
    const inputs = traced();
    expect(inputs.tell(said(1, CONSUME), 1)).toEqual([]);
    expect(inputs.tell(ioctl(2, '0x85'), 2)).toEqual([]);
    const released = inputs.tell(said(1, WRITE), 3);
    expect(released.map(({ number, inputs: before }) => [number, before.map(({ line }) => line.ev)])).toEqual(
      [
        [1, ['guest-write']],
        [2, []],
        [3, []],
      ],
    );
  });

  it('are none where no thread is in the course of one', () => {
    const inputs = traced();
    for (let number = 1; number <= 100; number++) {
      expect(inputs.tell(ioctl(1, '0x85'), 2 * number)).toHaveLength(1);
      expect(inputs.tell(said(2, READ), 2 * number + 1)).toHaveLength(1);
    }
    expect(inputs.end()).toEqual([]);
  });

  it('are no more than a bound: calls that no access follows are nobody’s', () => {
    const inputs = traced();
    const count = MOST_HELD + 1000;
    let released = inputs.tell(ioctl(1, '0x77'), 1).length;
    for (let number = 2; number <= count; number++) {
      released += inputs.tell(said(2, READ), number).length;
      expect(number - released).toBeLessThanOrEqual(MOST_HELD);
    }
    expect(released).toBe(count);
    expect(inputs.tell(said(1, WRITE), count + 1)).toHaveLength(1);
  });

  it('tell by one line where an access takes more than that', () => {
    const inputs = traced();
    inputs.tell(said(1, CONSUME), 1);
    for (let number = 2; number <= MOST_HELD + 1; number++) inputs.tell(said(2, READ), number);
    const late = (): unknown => inputs.tell(said(1, WRITE), MOST_HELD + 2);
    expect(late).toThrow(InputError);
    expect(late).toThrow(`expected an access to a register to be told of within ${MOST_HELD} lines`);
  });
});

describe('an event that is read before the line of its DMA', () => {
  it(`is taken for one of the next ${MOST_AHEAD} lines, and no other`, async () => {
    const lines = linesOf('qemu-vsmmu-11.1.3/events');
    const evOf = (line: string): string => String((JSON.parse(line) as { ev: string }).ev);
    const early = lines.findIndex((line, at) => {
      const next = lines.slice(at + 1).map(evOf);
      return evOf(line) === 'read' && next.indexOf('transfer') >= 0 && next.indexOf('transfer') < 3;
    });
    expect(early).toBeGreaterThan(0);
    const fill = (count: number): string =>
      [
        ...lines.slice(0, early + 1),
        ...Array.from({ length: count }, () => '{"seq":0,"section":"","ev":"qtest"}'),
        ...lines.slice(early + 1),
      ].join('\n');
    const { first } = await conformFile(written(fill(MOST_AHEAD - 5)), DESIGN);
    expect(first).toBeNull();
    await expect(conformFile(written(fill(MOST_AHEAD + 5)), DESIGN)).rejects.toThrow(
      `expected the DMA that an event is about within ${MOST_AHEAD} lines`,
    );
  });
});

describe('a violation behind more than is kept', () => {
  it('has its line, and its trace from what is left', async () => {
    const lines = linesOf('qemu-vsmmu-11.1.3/unplug-last');
    const last = lines.findIndex((line) => line.includes('device_del'));
    expect(last).toBeGreaterThan(0);
    const count = 2 * MOST_LAST + 1000;
    const stores = Array.from({ length: count }, (_, at) => {
      const hex = at.toString(16).padStart(16, '0');
      return JSON.stringify({ seq: 0, section: '', ev: 'guest-store', pa: '0x5f000000', hex });
    });
    const path = written([...lines.slice(0, last), ...stores, ...lines.slice(last)].join('\n'));
    const properties = CALLS_PROPERTIES.filter(({ id }) => id === 'vmm-unplug-opens-nothing');
    const { report, judgements } = await judgeFile(path, DESIGN, properties, { design: {}, defects: [] });
    expect(report.first).toBeNull();
    const [found] = judgements;
    expect(found).toMatchObject({ verdict: 'violated', line: 109 + count });
    expect(found?.trace?.steps.map(({ command }) => command)).toEqual(['plug', 'unplug']);
  }, 60_000);
});

describe('a recording with a guest’s side whose VMM was killed', () => {
  it('is read up to its last line', async () => {
    const lines = linesOf('recorded-7.2.13/qemu-11.1.3-traced');
    const whole = await conformFile(written(`${lines.join('\n')}\n`), DESIGN);
    const cut = await conformFile(written(`${lines.join('\n')}\n{"seq":9999,"sect`), DESIGN);
    expect(cut.skipped['a last line that was not written to its end']).toBe(1);
    expect([cut.checked, cut.agreed, cut.first]).toEqual([whole.checked, whole.agreed, null]);
  });
});

describe('what is kept of a recording for traces', () => {
  const make = (as: string) =>
    ({ actor: 'vmm:vm0', command: 'ioasAlloc', args: { fd: 'iommufd0' }, as }) as const;

  it('is all of it where it is short', () => {
    const past = new Past();
    for (let at = 0; at < 100; at++) past.note(make(`ioas${at}`), true);
    expect(past.calls()).toHaveLength(100);
  });

  it('is bounded, and has what is left of a long one', () => {
    const past = new Past();
    past.note({ actor: 'operator', command: 'boot', args: { vm: 'vm0' } }, true);
    past.note(make('ioas-left'), true);
    past.note(make('ioas-gone'), true);
    past.note({ actor: 'vmm:vm0', command: 'destroy', args: { fd: 'iommufd0', id: 'ioas-gone' } }, true);
    for (let at = 0; at < 3 * MOST_LAST; at++) {
      const args = { vsmmu: 0, register: 'CMDQ_PROD', value: BigInt(at), half: 0 };
      past.note({ actor: 'guest:vm0', command: 'writeRegister', args }, true);
    }
    const calls = past.calls();
    expect(calls.length).toBeLessThanOrEqual(2 * MOST_LAST + MOST_BEFORE);
    const names = calls.map(({ as, command }) => as ?? command);
    expect(names.slice(0, 3)).toEqual(['boot', 'ioas-left', 'writeRegister']);
    expect(names).not.toContain('ioas-gone');
    expect(names).not.toContain('destroy');
    for (let at = 0; at < 4 * MOST_LAST; at++) past.note(make(`ioas${at}`), true);
    expect(past.calls().length).toBeLessThanOrEqual(2 * MOST_LAST + MOST_BEFORE);
    expect(past.calls()[0]?.command).toBe('boot');
  });
});
