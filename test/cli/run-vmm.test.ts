import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { encode } from '../../spec/bits.ts';
import { encodeCommand } from '../../spec/smmuv3/command.ts';
import { SteConfig, ste } from '../../spec/smmuv3/ste.ts';
import { file } from './file.ts';
import { nestcheck } from './terminal.ts';

/*
 * What somebody would write down who has seen something of a guest, given to `nestcheck run` under each VMM's design.
 */

const list = (words: readonly bigint[]): string =>
  `[${words.map((word) => `0x${word.toString(16)}`).join(',')}]`;

const report = z.object({
  steps: z.array(z.object({ result: z.object({ out: z.record(z.string(), z.unknown()).optional() }) })),
});

const STAGE1 = { V: 1, Config: SteConfig.S1Trans, S1ContextPtr: 0x4_0000n } as const;

const entry = (fields: Parameters<typeof encode<typeof ste>>[1]): string =>
  list(encode(ste, { ...STAGE1, ...fields }).slice(0, 2));

const START = ['operator plug vm=vm0 device=dev0', 'operator boot vm=vm0'];
const CFGI = list([...encodeCommand('CFGI_STE', { Leaf: 1 }), ...encodeCommand('SYNC')]);
const GOOD = encodeCommand('TLBI_NH_ALL');

/** The last step's count of consumed commands and CMDQ_CONS.ERR, and what is violated on the way. */
async function run(
  lines: readonly string[],
  vmm: string,
): Promise<readonly [unknown, unknown, readonly string[]]> {
  const path = await file('case.steps', ['scope one-vsmmu', ...START, ...lines].join('\n'));
  const { stdout, code } = await nestcheck(['run', '--json', '--design', `vmm=${vmm}`, path]);
  expect([0, 1]).toContain(code);
  const { steps } = report.parse(JSON.parse(stdout));
  const out = steps.at(-1)?.result.out ?? {};
  const { stdout: text } = await nestcheck(['run', '--design', `vmm=${vmm}`, path]);
  const violated = [...text.matchAll(/^violates ([a-z0-9-]+):/gm)].map(([, id = '']) => id);
  return [out.consumed, out.error, violated];
}

const QEMU = 'qemu-11';
const OPENVMM = 'openvmm-2026-08';
const CLOUD = 'cloud-hypervisor-2026-09';
const STOPS = 'commands-stop-as-architected';

const withEntry = (words: string): readonly string[] => [
  'guest:vm0 writeGbpa value=0x80100000',
  'guest:vm0 writeCr0 value=9',
  `guest:vm0 writeSte words=${words}`,
  `guest:vm0 issueCommands words=${CFGI}`,
];

const queue = (cr0: number, ...commands: readonly (readonly bigint[])[]): readonly string[] => [
  'guest:vm0 writeGbpa value=0x80100000',
  `guest:vm0 writeCr0 value=${cr0}`,
  `guest:vm0 issueCommands words=${list(commands.flat())}`,
];

type Answer = readonly [consumed: number, error: number];

const CASES: readonly (readonly [string, readonly string[], Readonly<Record<string, Answer>>])[] = [
  [
    'an entry with SHCFG',
    withEntry(entry({ SHCFG: 1 })),
    { intended: [2, 0], [QEMU]: [2, 0], [OPENVMM]: [2, 0], [CLOUD]: [0, 1] },
  ],
  [
    'an entry with S1CDMax=1 where SSIDSIZE is 0',
    withEntry(entry({ S1CDMax: 1 })),
    { intended: [2, 0], [QEMU]: [2, 0], [OPENVMM]: [2, 0], [CLOUD]: [2, 0] },
  ],
  [
    'ATC_INV without ATS',
    queue(9, encodeCommand('ATC_INV', { Size: 52 })),
    { intended: [0, 1], [QEMU]: [1, 0], [OPENVMM]: [0, 1], [CLOUD]: [0, 1] },
  ],
  [
    'ATC_INV without ATS and without SMMUEN',
    queue(8, encodeCommand('ATC_INV', { Size: 52 })),
    { intended: [0, 1], [QEMU]: [1, 0], [OPENVMM]: [0, 1], [CLOUD]: [0, 1] },
  ],
  [
    'CMD_SYNC with CS=3',
    queue(9, encodeCommand('SYNC', { CS: 3 })),
    { intended: [0, 1], [QEMU]: [1, 0], [OPENVMM]: [0, 1], [CLOUD]: [0, 1] },
  ],
  [
    'a queue of one bad command among good ones',
    queue(9, GOOD, [0x7fn, 0n], GOOD, encodeCommand('SYNC')),
    { intended: [1, 1], [QEMU]: [1, 1], [OPENVMM]: [1, 1], [CLOUD]: [1, 1] },
  ],
];

/** Where the answer is not the architecture's, the property that says so is violated; else it is not. */
describe.each(CASES)('%s', (_what, lines, answers) => {
  it.each(Object.entries(answers))('in %s', async (vmm, answer) => {
    const [consumed, error, violated] = await run(lines, vmm);
    expect([consumed, error]).toEqual(answer);
    const isRight = JSON.stringify(answer) === JSON.stringify(answers.intended);
    if (vmm === 'intended') expect(violated).toEqual([]);
    else expect(violated.includes(STOPS)).toBe(!isRight);
  });
});
