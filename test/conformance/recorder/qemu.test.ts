import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { conformFile, judgeFile } from '../../../conformance/index.ts';
import { resolveDesign } from '../../../overrides/index.ts';
import { CALLS_PROPERTIES } from '../../../properties/calls/index.ts';
import { ALL_PROPERTIES } from '../../../properties/index.ts';
import { REGISTER_OFFSETS } from '../../../spec/smmuv3/register-offsets.ts';

const FOLDER = join(import.meta.dirname, '../../../conformance/recordings/qemu-vsmmu-11.1.3');

interface Recorded {
  readonly ev: string;
  readonly [field: string]: unknown;
}

function linesOf(name: string): Recorded[] {
  const text = gunzipSync(readFileSync(join(FOLDER, `${name}.jsonl.gz`))).toString();
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded);
}

const WIDE = new Set(['STRTAB_BASE', 'CMDQ_BASE', 'EVENTQ_BASE']);

function registerAccess(verb: 'read' | 'write', { reg, smmu }: Recorded): string {
  const offset = REGISTER_OFFSETS[reg as keyof typeof REGISTER_OFFSETS];
  return `[R +1.000000] ${verb}${WIDE.has(String(reg)) ? 'q' : 'l'} 0x${(BigInt(String(smmu)) + BigInt(offset)).toString(16)}`;
}

/** What QEMU itself would have said of an input; null: nothing, and the line is none of a call. */
function saidOf(line: Recorded): readonly string[] | null {
  switch (line.ev) {
    case 'guest-write':
      return [`${registerAccess('write', line)} ${line.val}`];
    case 'guest-read':
      return [registerAccess('read', line), `[S +1.000000] OK ${line.val}`];
    case 'guest-store':
      return line.hex === undefined
        ? [`[R +1.000000] memset ${line.pa} ${line.len} ${line.byte}`]
        : [`[R +1.000000] write ${line.pa} ${String(line.hex).length / 2} 0x${line.hex}`];
    case 'guest-config': {
      const [bus = 0, slot = 0, fn = 0] = String(line.bdf)
        .split(/[:.]/)
        .map((part) => Number.parseInt(part, 16));
      const address = 0x40_1000_0000 + ((bus << 8) | (slot << 3) | fn) * 4096 + Number(line.off);
      return [`[R +1.000000] write${line.len === 4 ? 'l' : 'w'} 0x${address.toString(16)} ${line.val}`];
    }
    case 'transfer': {
      const bar = BigInt(String(line.bar));
      const toMemory = line.dir === 'to-mem';
      const registers = [
        [0x80n, toMemory ? '0x40000' : line.iova],
        [0x88n, toMemory ? line.iova : '0x40000'],
        [0x90n, line.len],
        [0x98n, toMemory ? 3 : 1],
      ] as const;
      return registers.map(([at, value]) => `[R +1.000000] writeq 0x${(bar + at).toString(16)} ${value}`);
    }
    case 'qmp':
      return [`handle_qmp_command mon 0x5581 req: ${JSON.stringify(line.cmd)}`];
    case 'qmp-reply':
      return (line.r as readonly object[]).map(
        (reply) => `monitor_qmp_respond mon 0x5581 resp: ${JSON.stringify(reply)}`,
      );
    case 'landed':
    case 'guest-event':
      return [];
    default:
      return null;
  }
}

/** The same recording as `nestcheck record` would have made it. */
function asRecorded(name: string): string {
  const lines = linesOf(name).flatMap((line): readonly object[] => {
    if (line.ev === 'meta')
      return [{ ev: 'meta', recorder: 'nestcheck-recorder/1', command: commandOf(name) }];
    if (line.ev === 'start') return [];
    const said = saidOf(line);
    const who = { pid: 7, tid: 7 };
    if (said !== null) return said.map((text) => ({ ev: 'said', ...who, text }));
    return [line.ev === 'setup' ? line : { ...line, ...who }];
  });
  const path = join(mkdtempSync(join(tmpdir(), 'nestcheck-qemu-')), `${name}.jsonl`);
  writeFileSync(
    path,
    lines.map((line, seq) => `${JSON.stringify({ section: '', ...line, seq })}\n`).join(''),
  );
  return path;
}

function commandOf(name: string): readonly string[] {
  const start = linesOf(name).find(({ ev }) => ev === 'start');
  return ['qemu-system-aarch64', ...String(start?.args).split(' ')];
}

const resolved = resolveDesign(['kernel=linux-7.2,smmu=qemu-11,vmm=qemu-11']);
if ('error' in resolved) throw new Error(resolved.error);
const DESIGN = resolved.overrides;

async function judged(path: string, ids: readonly string[]) {
  const properties = [...CALLS_PROPERTIES, ...ALL_PROPERTIES].filter(({ id }) => ids.includes(id));
  const { report, judgements } = await judgeFile(path, DESIGN, properties, { design: {}, defects: [] });
  return { report, verdicts: Object.fromEntries(judgements.map((each) => [each.property.id, each.verdict])) };
}

describe('a recording in which QEMU says what its guest does', () => {
  it.each(['basic', 'hotplug'])('agrees as the one of %s that was made by hand', async (name) => {
    const { checked, agreed, first, skipped } = await conformFile(asRecorded(name), DESIGN);
    const byHand = await conformFile(join(FOLDER, `${name}.jsonl.gz`), DESIGN);
    const unseen = linesOf(name).filter(({ ev }) => ev === 'landed' || ev === 'guest-event').length;
    expect(first).toBeNull();
    expect([checked, agreed]).toEqual([byHand.checked - unseen, byHand.agreed - unseen]);
    expect(skipped['input: register']).toBe(byHand.skipped['input: register']);
  });

  it('is held to the properties of a vSMMU, and to those of calls', async () => {
    const { verdicts } = await judged(asRecorded('hotplug'), [
      'device-sees-what-guest-asked',
      'unplug-leaves-nothing',
      'vmm-unplug-opens-nothing',
      'vmm-replaces-at-once',
    ]);
    expect(verdicts).toEqual({
      'device-sees-what-guest-asked': 'violated',
      'unplug-leaves-nothing': 'holds',
      'vmm-unplug-opens-nothing': 'violated',
      'vmm-replaces-at-once': 'holds',
    });
  });
});

describe('the recordings of QEMU 11 with a vSMMU', () => {
  it.each([
    ['unplug-last', 109],
    ['walk-1', 269],
  ])('%s goes by way of the nesting parent at an unplug', async (name, line) => {
    const properties = CALLS_PROPERTIES.filter(({ id }) => id === 'vmm-unplug-opens-nothing');
    const { judgements } = await judgeFile(join(FOLDER, `${name}.jsonl.gz`), DESIGN, properties, {
      design: {},
      defects: [],
    });
    const [found] = judgements;
    expect(found).toMatchObject({ verdict: 'violated', line });
    expect(found?.trace?.steps.map(({ command }) => command)).toEqual(['plug', 'unplug']);
  });
});
