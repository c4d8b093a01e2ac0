import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { printTrace, traceToJson } from '../../../checker/trace/encode.ts';
import { parseTrace, TraceError } from '../../../checker/trace/parse.ts';
import { TRACE_FORMAT, type Trace } from '../../../checker/trace/trace.ts';
import { arbitraryTrace } from '../arbitrary.ts';

const trace: Trace = {
  format: TRACE_FORMAT,
  scope: 'tiny',
  design: { kernel: 'intended' },
  defects: [],
  property: 'no-flags',
  guarantee: '1-minimal',
  steps: [
    {
      actor: 'vmm:vm0',
      command: 'openIommufd',
      args: {},
      as: 'iommufd0',
      result: { ok: true, out: { fd: 3 } },
    },
    {
      actor: 'vmm:vm0',
      command: 'ioasMap',
      args: { fd: 'iommufd0', ioasId: 7, length: 0x1000n, data: [1n, 0xffff_ffff_ffff_ffffn] },
      result: { ok: false, errno: 'ENOENT', out: {} },
    },
  ],
  violation: 'as said',
};

/** The same trace with one part of its JSON changed. */
function changed(path: readonly (string | number)[], value: unknown): string {
  const json = JSON.parse(JSON.stringify(traceToJson(trace))) as Record<string | number, unknown>;
  let here = json;
  for (const key of path.slice(0, -1)) here = here[key] as Record<string | number, unknown>;
  here[path.at(-1) ?? ''] = value;
  return JSON.stringify(json, null, 2);
}

function errorOf(text: string): TraceError {
  try {
    parseTrace(text);
  } catch (error) {
    if (error instanceof TraceError) return error;
    throw error;
  }
  throw new Error(`read: ${text}`);
}

describe('a trace file', () => {
  test.prop([arbitraryTrace()], { numRuns: 40 })('gives back the trace that it was printed from', (given) => {
    expect(parseTrace(printTrace(given))).toEqual(given);
  });

  test.prop([arbitraryTrace()], { numRuns: 40 })(
    'has one text only, whatever order its keys were made in',
    (given) => {
      const backwards = given.steps.map((step) => ({
        ...step,
        args: Object.fromEntries(Object.entries(step.args).reverse()),
      }));
      expect(printTrace({ ...given, steps: backwards })).toBe(printTrace(given));
    },
  );

  it('is laid out with a line for every small thing', () => {
    expect(printTrace(trace)).toMatchInlineSnapshot(`
      "{
        "format": "nestcheck-trace/1",
        "scope": "tiny",
        "design": {
          "kernel": "intended"
        },
        "defects": [],
        "property": "no-flags",
        "guarantee": "1-minimal",
        "steps": [
          {
            "actor": "vmm:vm0",
            "command": "openIommufd",
            "args": {},
            "as": "iommufd0",
            "result": { "ok": true, "out": { "fd": 3 } }
          },
          {
            "actor": "vmm:vm0",
            "command": "ioasMap",
            "args": { "fd": "iommufd0", "ioasId": 7, "length": "0x1000", "data": ["0x1", "0xffffffffffffffff"] },
            "result": { "ok": false, "errno": "ENOENT", "out": {} }
          }
        ],
        "violation": "as said"
      }
      "
    `);
  });

  it.each([4096, '4096', '0x1000'])('may give a 64-bit argument as %j', (length) => {
    const { steps } = parseTrace(changed(['steps', 1, 'args', 'length'], length));
    expect(steps[1]?.args.length).toBe(4096n);
  });
});

describe('a file that is no trace', () => {
  const cases: readonly [what: string, text: string, line: string, message: RegExp][] = [
    ['no JSON', '{', '{', /^expected a key/],
    ['another version', changed(['format'], 'nestcheck-trace/2'), 'format', /^format: .*nestcheck-trace\/1/],
    ['an unknown key', changed(['notes'], 'hello'), 'notes', /^notes: .*notes/],
    [
      'an unknown command',
      changed(['steps', 0, 'command'], 'ioasGrow'),
      'ioasGrow',
      /^steps\[0\]\.command: unknown command 'ioasGrow'; expected one of destroy, ioasAlloc, /,
    ],
    [
      'a command that objects inherit',
      changed(['steps', 0, 'command'], 'toString'),
      'toString',
      /unknown command 'toString'/,
    ],
    [
      'an unknown argument',
      changed(['steps', 0, 'args'], { depth: 1 }),
      'depth',
      /^steps\[0\]\.args\.depth: unknown argument of openIommufd; expected no arguments/,
    ],
    [
      'an argument that objects inherit',
      changed(['steps', 1, 'args', 'valueOf'], 1),
      'valueOf',
      /unknown argument of ioasMap; expected fd, size/,
    ],
    [
      'a number for words',
      changed(['steps', 1, 'args', 'data'], 1),
      'data',
      /^steps\[1\]\.args\.data: expected null or at most 65536 64-bit words/,
    ],
    [
      'a word of 65 bits',
      changed(['steps', 1, 'args', 'data'], ['0x10000000000000000']),
      'data',
      /64-bit words/,
    ],
    ['a fraction', changed(['steps', 1, 'args', 'length'], 1.5), 'length', /expected a 64-bit value/],
    ['a negative value', changed(['steps', 1, 'args', 'length'], -1), 'length', /expected a 64-bit value/],
    ['null for a number', changed(['steps', 1, 'args', 'flags'], null), 'flags', /expected an integer/],
    [
      'a name that objects inherit',
      changed(['steps', 1, 'args', 'fd'], 'toString'),
      'toString',
      /expected the name of an iommufd or its number/,
    ],
    ['a name with a space', changed(['steps', 0, 'as'], 'a b'), 'a b', /expected a name/],
    ['a name for a descriptor', changed(['steps', 0, 'as'], 'a.fd'), 'a.fd', /expected a name/],
    [
      'a name for what makes nothing',
      changed(['steps', 1, 'as'], 'a'),
      '"as": "a"',
      /ioasMap makes nothing that could have a name/,
    ],
    [
      'an unknown errno',
      changed(['steps', 1, 'result', 'errno'], 'EWHAT'),
      'EWHAT',
      /^steps\[1\]\.result\.errno/,
    ],
    ['a success with an errno', changed(['steps', 1, 'result', 'ok'], true), 'errno', /errno/],
    [
      'an output that is an object',
      changed(['steps', 0, 'result', 'out'], { fd: {} }),
      '"fd": {}',
      /expected a number, a 64-bit value or 64-bit words/,
    ],
    ['a violation of no property', changed(['property'], null), 'violation', /^violation: expected both/],
    ['too many steps', changed(['steps'], new Array(10_001).fill(0)), 'steps', /^steps: /],
    ['a prototype', '{"__proto__": {"format": 1}}', '__proto__', /'__proto__' is not allowed/],
  ];

  it.each(cases)('is refused for %s, naming the line', (_, text, line, message) => {
    const error = errorOf(text);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');
    expect(text.split('\n')[error.line - 1]).toContain(line);
  });

  it('is refused for its length before anything else', () => {
    expect(errorOf(' '.repeat(17 * 1024 * 1024)).message).toMatch(/^expected at most/);
  });

  const anything = fc.anything({ withBigInt: false, withDate: false, withMap: false, maxDepth: 4 });
  const text = fc.oneof(
    fc.json(),
    anything.map((value) => JSON.stringify(value) ?? ''),
    fc.string(),
  );

  test.prop([text])('never gives anything but a trace or the typed error', (given) => {
    expect(errorOf(given)).toBeInstanceOf(TraceError);
  });

  const path = fc.oneof(
    fc
      .constantFrom('format', 'scope', 'design', 'defects', 'property', 'guarantee', 'steps', 'violation')
      .map((key) => [key]),
    fc.tuple(fc.constant('steps'), fc.nat(1), fc.constantFrom('actor', 'command', 'args', 'as', 'result')),
    fc.tuple(fc.constant('steps'), fc.nat(1), fc.constantFrom('args', 'result'), fc.string()),
  );

  test.prop([path, fc.jsonValue()])(
    'is read or refused with the typed error where a part is changed',
    (at, value) => {
      const mutated = changed(at, value);
      try {
        expect(parseTrace(printTrace(parseTrace(mutated)))).toEqual(parseTrace(mutated));
      } catch (error) {
        expect(error).toBeInstanceOf(TraceError);
      }
    },
  );

  test.prop([fc.nat(), fc.nat(30), fc.string({ maxLength: 8 })])(
    'is read or refused where its text is cut or spliced',
    (at, length, patch) => {
      const good = printTrace(trace);
      const start = at % good.length;
      try {
        parseTrace(good.slice(0, start) + patch + good.slice(start + length));
      } catch (error) {
        expect(error).toBeInstanceOf(TraceError);
      }
    },
  );

  it('pollutes no prototype', () => {
    errorOf('{"__proto__": {"polluted": 1}}');
    errorOf(changed(['steps', 0, 'args'], JSON.parse('{"__proto__": {"polluted": 1}}')));
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
