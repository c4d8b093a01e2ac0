import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTraceFile } from '../../checker/files.ts';
import { fromTrace } from '../../live/export/from-trace.ts';
import { fieldName, structName } from '../../live/export/header.ts';
import { DESCRIBED, SYZ_DESCRIPTIONS, toSyz } from '../../live/export/syz.ts';
import { ioctlBytes } from '../../live/ioctl-bytes.ts';
import type { Call } from '../../model/call.ts';
import { ALL_IOCTLS, type AnyIoctlName } from '../../model/world/command.ts';
import { readField, type StructTable } from '../../spec/struct.ts';
import { ROOT } from '../../tools/committed.ts';
import { nestcheck } from '../cli/terminal.ts';

/** What syzkaller's sys/linux/dev_iommu.txt describes itself, of what programs are made of. */
const UPSTREAM = [
  'IOMMU_IOAS_ALLOC',
  'IOMMU_IOAS_IOVA_RANGES',
  'IOMMU_IOAS_MAP$PAGES',
  'IOMMU_IOAS_COPY',
  'IOMMU_IOAS_UNMAP',
  'IOMMU_OPTION$IOMMU_OPTION_RLIMIT_MODE',
  'IOMMU_OPTION$IOMMU_OPTION_HUGE_PAGES',
  'IOMMU_DESTROY$ioas',
  'IOMMU_DESTROY$hwpt',
  'IOMMU_HWPT_SET_DIRTY_TRACKING',
  'IOMMU_HWPT_GET_DIRTY_BITMAP',
];

const text = await readFile(join(ROOT, SYZ_DESCRIPTIONS), 'utf8');
const described = new Map(
  [...text.matchAll(/^ioctl\$(\S+?)\(fd \w+, cmd const\[(\w+)\], arg ptr\[\w+, ([\w$]+)\]\)$/gm)].map(
    ([, name = '', cmd = '', struct = '']) => [name, { cmd, struct }],
  ),
);
const resources = new Map(
  [...text.matchAll(/^resource (\w+)\[(\w+)\]$/gm)].map(([, name = '', base = '']) => [name, base]),
);

/** Bytes of a type of a description, by the last word that says so. */
function widthOf(type: string): number {
  if (type.startsWith('ptr64[')) return 8;
  const [, bits] = /\bint(8|16|32|64)\b/.exec(type) ?? [];
  if (bits !== undefined) return Number(bits) / 8;
  // A file descriptor, or a resource of this file or of dev_iommu.txt.
  const base = resources.get(type) ?? type;
  if (/^(?:int32|fd|fd_iommufd|\w+_handle)$/.test(base)) return 4;
  throw new Error(`no width: ${type}`);
}

/** The fields of a struct of the descriptions, as a C compiler lays them out. */
function layoutOf(
  name: string,
): readonly { readonly field: string; readonly at: number; readonly width: number }[] {
  const [, body = ''] = new RegExp(`^${name.replace('$', '\\$')} \\{\\n([^}]*)\\}`, 'm').exec(text) ?? [];
  let at = 0;
  return body
    .trim()
    .split('\n')
    .map((line) => {
      const [, field = '', type = ''] = /^\s*(\w+)\s+(\S.*?)(?:\s+\(\w+\))?$/.exec(line) ?? [];
      const width = widthOf(type);
      at = Math.ceil(at / width) * width;
      const one = { field, at, width };
      at += width;
      return one;
    });
}

/** What stands between braces or brackets, at the top level. */
function itemsOf(inside: string): readonly string[] {
  const items: string[] = [''];
  let depth = 0;
  for (const char of inside) {
    if ('{[('.includes(char)) depth++;
    if ('}])'.includes(char)) depth--;
    if (char === ',' && depth === 0) items.push('');
    else items.push((items.pop() ?? '') + char);
  }
  return items.map((item) => item.trim());
}

const TRACES = [
  'empty-invalidation-refused/empty-invalidation-is-probe',
  'failed-replace-unreserves/iova-ranges-exact',
  'invalidate-drops-converted/invalidation-progress-is-real',
  'viommu-reserved-ignored/reserved-fields-refused',
  'vsmmus-share-vmid/vsmmus-have-own-tag',
].map((name) => `counterexamples/${name}.json`);

describe('the descriptions for syzkaller', () => {
  it.each([...described].map(([name, what]) => [name, what] as const))(
    '%s lies in memory as the interface says',
    (name, { cmd, struct }) => {
      const [command] = Object.entries(ALL_IOCTLS).find(([, table]) => table.name === cmd) ?? [];
      expect(name.split('$')[0]).toBe(cmd);
      expect(struct.split('$')[0]).toBe(structName(command as AnyIoctlName));
      const table: StructTable = ALL_IOCTLS[command as AnyIoctlName];
      const fields = Object.entries(table.fields)
        .map(([field, { offset, width }]) => ({ field: fieldName(field), at: offset, width }))
        .toSorted((a, b) => a.at - b.at);
      expect(layoutOf(struct).map(({ at, width }) => ({ at, width }))).toEqual(
        fields.map(({ at, width }) => ({ at, width })),
      );
      const [known, ours] = [fields, layoutOf(struct)].map((all) =>
        all.map(({ field }) => field).filter((field) => !/reserved/.test(field)),
      );
      expect(ours).toEqual(known);
    },
  );

  it('have every call that a program may make, or syzkaller has', () => {
    const calls = Object.entries(DESCRIBED).flatMap(([command, more]) => {
      const { name } = ALL_IOCTLS[command as AnyIoctlName];
      return typeof more === 'string' ? [`${name}${more}`] : more[1].map((kind) => `${name}$${kind}`);
    });
    expect(calls.filter((call) => !described.has(call) && !UPSTREAM.includes(call))).toEqual([]);
  });
});

describe('a trace as a program of syzkaller', () => {
  it.each(TRACES)('%s has the structs that the calls have', async (path) => {
    const trace = await readTraceFile(path);
    const program = toSyz(fromTrace(trace, null, null), {
      title: 'two\nlines',
      under: 'the trace',
      devices: [],
    });
    const lines = program.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(lines).toHaveLength(trace.steps.length);
    const results = new Set<string>();
    for (const [at, line] of lines.entries()) {
      const uses = line.replaceAll(/<r\d+=>0x0|^r\d+ = /g, '');
      for (const [used] of uses.matchAll(/\br\d+\b/g)) expect(results, line).toContain(used);
      for (const [, made = ''] of line.matchAll(/<?(r\d+) ?=/g)) results.add(made);
      const [, call = '', inside = ''] =
        /^ioctl\$(\S+?)\(.*?, 0x3b\w\w, &\(0x7f\w+\)=\{(.*)\}\)$/.exec(line) ?? [];
      if (call === '') continue;
      const { result: _, ...step } = trace.steps[at] as Call & { readonly result: unknown };
      const table: StructTable = ALL_IOCTLS[step.command as AnyIoctlName];
      expect(call.split('$')[0]).toBe(ALL_IOCTLS[step.command as AnyIoctlName].name);
      const { bytes, references } = ioctlBytes(step.command as AnyIoctlName, step.args);
      const fields = Object.values(table.fields).toSorted((a, b) => a.offset - b.offset);
      const items = itemsOf(inside);
      expect(items).toHaveLength(fields.length);
      for (const [nth, layout] of fields.entries()) {
        const item = items[nth] ?? '';
        if (references.some(({ offset }) => offset === layout.offset)) expect(item).toMatch(/^r\d+$/);
        else if (!/^[<&]/.test(item)) expect(BigInt(item)).toBe(BigInt(readField(bytes, layout)));
      }
    }
  });

  it('exits 2 for what no description has', async () => {
    const { code, stderr } = await nestcheck([
      'export',
      'counterexamples/virt-id-truncated/guest-sees-its-events-only.json',
      '--as',
      'syz',
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/cannot be exported: device:dev0 does smmuEvent/);
  });
});
