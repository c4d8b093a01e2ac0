import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { readTraceFile } from '../../checker/files.ts';
import { toC, toKselftest } from '../../live/export/c.ts';
import { fromTrace } from '../../live/export/from-trace.ts';
import { declarations, fieldName, structName } from '../../live/export/header.ts';
import { intended } from '../../model/rules.ts';
import { ALL_IOCTLS, type AnyIoctlName } from '../../model/world/command.ts';
import type { StructTable } from '../../spec/struct.ts';
import { scopeByName } from '../../workload/scopes/index.ts';
import { file } from '../cli/file.ts';
import { nestcheck } from '../cli/terminal.ts';

const run = promisify(execFile);

const TRACES = [
  'empty-invalidation-refused/empty-invalidation-is-probe',
  'failed-replace-unreserves/iova-ranges-exact',
  'invalidate-drops-converted/invalidation-progress-is-real',
  'viommu-reserved-ignored/reserved-fields-refused',
].map((name) => `counterexamples/${name}.json`);

const TITLE = { title: 'a test */ of it', under: 'the trace', devices: [] };
const WARNINGS = ['-std=gnu11', '-Wall', '-Wextra', '-Werror'];

describe('a trace as a C program', () => {
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nestcheck-export-'));
  });

  async function compiled(text: string, ...flags: string[]): Promise<string> {
    const [source, program] = [join(folder, 'program.c'), join(folder, 'program')];
    await writeFile(source, text);
    await run('cc', [...WARNINGS, ...flags, '-o', program, source]);
    return program;
  }

  it('has structs that lie in memory as the interface says', async () => {
    const names = Object.keys(ALL_IOCTLS) as AnyIoctlName[];
    const asserts = names.flatMap((name) => {
      const table: StructTable = ALL_IOCTLS[name];
      if (structName(name) === '') return [];
      const struct = `struct ${structName(name)}`;
      return [
        `_Static_assert(sizeof(${struct}) == ${table.size}, "${name}");`,
        ...Object.entries(table.fields).map(
          ([field, { offset, width }]) =>
            `_Static_assert(offsetof(${struct}, ${fieldName(field)}) == ${offset} && sizeof(((${struct} *)0)->${fieldName(field)}) == ${width}, "${name}.${field}");`,
        ),
      ];
    });
    expect(asserts.length).toBeGreaterThan(150);
    const head = ['#include <stddef.h>', '#include <linux/types.h>', '#include <sys/ioctl.h>'];
    await compiled([...head, ...declarations(names), ...asserts, 'int main(void) { return 0; }'].join('\n'));
  });

  it.each(TRACES)('%s compiles without a warning, and tells where an answer differs', async (path) => {
    const trace = await readTraceFile(path);
    const program = await compiled(toC(fromTrace(trace, null, null), TITLE));
    await expect(run(program)).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('usage: ') });
    // No device is behind these files, whatever kernel this is.
    const devices = new Set(
      trace.steps.flatMap(({ command, args }) => (command === 'openCdev' ? [args.device] : [])),
    );
    const failed = run(
      program,
      [...devices].map(() => '/dev/null'),
    );
    await expect(failed).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringMatching(
        /step \d+: \w+: expected no error, got E[A-Z]+\n(.*\n)*an answer differs\n$/,
      ),
    });
  });

  it('asserts what the trace says, or what the design says', async () => {
    const [path = ''] = TRACES;
    const trace = await readTraceFile(path);
    const scope = scopeByName(trace.scope) ?? null;
    expect(toC(fromTrace(trace, null, null), TITLE)).toContain('"IOMMU_HWPT_INVALIDATE", ret, EINVAL)');
    expect(toC(fromTrace(trace, scope, intended), TITLE)).toContain('"IOMMU_HWPT_INVALIDATE", ret, 0)');
  });

  it('is a test of the kernel’s harness too', async () => {
    const iommu = join(folder, 'iommu');
    await mkdir(iommu, { recursive: true });
    // What of the harness the test uses, as empty as it can be.
    const harness = [
      '#define FIXTURE(name) struct name##_data',
      '#define FIXTURE_SETUP(name) static void name##_setup(struct name##_data *self)',
      '#define FIXTURE_TEARDOWN(name) static void name##_teardown(struct name##_data *self)',
      '#define TEST_F(name, test) static void name##_##test(struct name##_data *self)',
      '#define SKIP(statement, ...) do { printf(__VA_ARGS__); statement; } while (0)',
      '#define TH_LOG(...) printf(__VA_ARGS__)',
      '#define ASSERT_TRUE(seen) do { if (!(seen)) return; } while (0)',
      '#define EXPECT_EQ(expected, seen) if ((expected) != (seen))',
      '#define TEST_HARNESS_MAIN int main(void) { nestcheck_setup(0); nestcheck_trace(0); nestcheck_teardown(0); return 0; }',
    ];
    await writeFile(join(folder, 'kselftest_harness.h'), `${harness.join('\n')}\n`);
    for (const path of TRACES) {
      const source = join(iommu, 'trace.c');
      await writeFile(source, toKselftest(fromTrace(await readTraceFile(path), null, null), TITLE));
      await run('cc', [...WARNINGS, '-Wno-unused-parameter', '-Wno-empty-body', '-fsyntax-only', source]);
    }
  });
});

describe('nestcheck export', () => {
  it('writes the program, to a file or to the terminal', async () => {
    const [path = ''] = TRACES;
    const { code, stdout } = await nestcheck(['export', path, '--as', 'c']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\/\* .*\n \* Made by nestcheck/);
    const output = await file('out.c', '');
    expect(await nestcheck(['export', path, '--as', 'c', '--output', output])).toMatchObject({
      code: 0,
      stdout: '',
    });
  });

  it('exits 2 for what no process can do, and for formats that there are not', async () => {
    const hardware = 'counterexamples/virt-id-truncated/guest-sees-its-events-only.json';
    const cannot = await nestcheck(['export', hardware, '--as', 'c']);
    expect(cannot.code).toBe(2);
    expect(cannot.stderr).toMatch(/cannot be exported: device:dev0 does smmuEvent/);
    const unknown = await nestcheck(['export', hardware, '--as', 'pascal']);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toMatch(/expected one of c, kselftest, syz, qtest, not 'pascal'/);
  });
});
