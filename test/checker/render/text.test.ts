import { describe, expect, it } from 'vitest';
import { recordTrace } from '../../../checker/record.ts';
import { WIDTH } from '../../../checker/render/layout.ts';
import { renderMermaid } from '../../../checker/render/mermaid.ts';
import { colours } from '../../../checker/render/paint.ts';
import { type Drawing, renderText } from '../../../checker/render/text.ts';
import { callText } from '../../../checker/render/values.ts';
import type { Trace } from '../../../checker/trace/trace.ts';
import type { ArgValue, Call } from '../../../model/call.ts';
import { intended } from '../../../model/rules.ts';
import { encode } from '../../../spec/bits.ts';
import { HWPT_DATA } from '../../../spec/iommufd/constants.ts';
import { encodeCommand } from '../../../spec/smmuv3/command.ts';
import { encodeEvent } from '../../../spec/smmuv3/event.ts';
import { SteConfig, ste } from '../../../spec/smmuv3/ste.ts';
import { alloc, asIntended, destroy, map, noFlags, open, poll, tiny } from '../fakes.ts';

const drawing: Drawing = { scope: tiny, rules: intended, property: noFlags };

const violating = recordTrace(
  tiny,
  asIntended,
  [open('iommufd0'), alloc('iommufd0', 'ioas0'), alloc('iommufd0', 'ioas1', { flags: 1 })],
  { property: noFlags, guarantee: '1-minimal' },
);

const STE = encode(ste, { V: 1, Config: SteConfig.S1Trans, S1ContextPtr: 0x8000_0000n });
const TLBI = encodeCommand('TLBI_NH_VA', { ASID: 7, Address: 0x1000n });
const EVENT = encodeEvent('F_TRANSLATION', { StreamID: 3, InputAddr: 0x2000n });

const call = (command: Call['command'], args: Readonly<Record<string, ArgValue>>): Call => ({
  actor: 'vmm:vm0',
  command,
  args,
});

describe('a call in words', () => {
  const cases: readonly [Call, string][] = [
    [call('hwptAlloc', { flags: 3 }), 'hwptAlloc(flags=NEST_PARENT|DIRTY_TRACKING)'],
    [call('hwptAlloc', { flags: 0x8000_0001 }), 'hwptAlloc(flags=NEST_PARENT|0x80000000)'],
    [call('ioasMap', { flags: 6, iova: 0x10_0000n }), 'ioasMap(flags=WRITEABLE|READABLE, iova=0x100000)'],
    [call('ioasMap', { size: 40, fd: 'iommufd0' }), 'ioasMap(fd=iommufd0, size=40)'],
    [call('viommuAlloc', { type: 1, dataUptr: 'null' }), 'viommuAlloc(type=ARM_SMMUV3, dataUptr=null)'],
    [call('viommuAlloc', { type: 9 }), 'viommuAlloc(type=9)'],
    [call('getHwInfo', { dataLen: 65_536 }), 'getHwInfo(dataLen=0x10000)'],
    [
      call('hwptAlloc', { dataType: HWPT_DATA.ARM_SMMUV3, data: STE.slice(0, 2) }),
      'hwptAlloc(dataType=ARM_SMMUV3, data=STE{V=1 Config=S1Trans S1ContextPtr=0x80000000})',
    ],
    [
      call('hwptAlloc', { dataType: HWPT_DATA.ARM_SMMUV3, data: [1n, 1n << 63n] }),
      'hwptAlloc(dataType=ARM_SMMUV3, data=STE{V=1 reserved=[0x0, 0x8000000000000000]})',
    ],
    [call('hwptAlloc', { data: [1n, 0x20n] }), 'hwptAlloc(data=[0x1, 0x20])'],
    [call('hwptInvalidate', { data: TLBI }), 'hwptInvalidate(data=[TLBI_NH_VA{ASID=7 Address=0x1000}])'],
    [call('hwptInvalidate', { data: [0xffn, 0n, 2n] }), 'hwptInvalidate(data=[[0xff, 0x0], [0x2]])'],
    [
      call('hwptInvalidate', { entryLen: 24, data: [1n, 0n, 0n] }),
      'hwptInvalidate(entryLen=24, data=[0x1, 0x0, 0x0])',
    ],
    [call('hwptInvalidate', { data: null }), 'hwptInvalidate(data=null)'],
    [call('smmuEvent', { words: EVENT }), 'smmuEvent(words=F_TRANSLATION{StreamID=3 InputAddr=0x2000})'],
    [
      call('writeSte', { vsid: 1, words: STE.slice(0, 1) }),
      'writeSte(vsid=1, words=STE{V=1 Config=S1Trans S1ContextPtr=0x80000000}/1)',
    ],
    [call('issueCommands', { words: TLBI }), 'issueCommands(words=[TLBI_NH_VA{ASID=7 Address=0x1000}])'],
    [call('smmuEvent', { words: [0n, 0n, 0n, 0n] }), 'smmuEvent(words=[0x0, 0x0, 0x0, 0x0])'],
    [call('ioasAllowIovas', { data: [0n, 0xfffn] }), 'ioasAllowIovas(data=[0x0-0xfff])'],
  ];

  it.each(cases)('names what the interface names: %#', (given, text) => {
    expect(callText(given)).toBe(text);
  });
});

describe('a trace in text', () => {
  it('has a line for each step, what changed under it, and the violation at its end', () => {
    expect(renderText(violating, drawing)).toMatchInlineSnapshot(`
      "scope tiny, kernel=intended, 1-minimal
      1  vmm:vm0  openIommufd() -> ok iommufd0=3
           + contexts[0]: {objects: [null], refs: 1}
      2  vmm:vm0  ioasAlloc(fd=iommufd0) -> ok ioas0=1
           + ioas0: {type: ioas, users: 1, iopt: {alignment: 0x1}}
      3  vmm:vm0  ioasAlloc(fd=iommufd0, flags=1) as ioas1 -> EOPNOTSUPP
      violates no-flags: a property for a test
        a flag was refused"
    `);
  });

  it('names objects in what changed as the trace names them', () => {
    const calls = [
      open('f'),
      alloc('f', 'space'),
      map('f', 'space', { flags: 7, userVa: 0x1000_0000n, length: 0x1000n, iova: 0x1000n }),
      destroy('f', 'space'),
    ];
    const text = renderText(recordTrace(tiny, asIntended, calls, null), drawing);
    expect(text).toMatch(/\+ space: \{type: ioas/);
    expect(text).toMatch(/\+ space\.iopt\.areas: \{start: 0x1000/);
    expect(text).toMatch(/^ {5}- space$/m);
    expect(text).toMatch(/violates no property$/);
  });

  it('is never wider than a mail allows, however long its arguments', () => {
    const data = Array.from({ length: 40 }, (_, index) => BigInt(index));
    const calls = [
      open('f'),
      ...Array.from({ length: 12 }, (_, index) => alloc('f', `ioas${index}`, { data })),
    ];
    const text = renderText(recordTrace(tiny, asIntended, calls, null), drawing);
    expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(WIDTH);
  });

  it('lists no more than a dozen changes under a step', () => {
    const opens = Array.from({ length: 20 }, (_, index) => ({
      ...poll,
      command: 'openCdev' as const,
      args: { device: 'dev0' },
      as: `c${index}`,
    }));
    const text = renderText(recordTrace(tiny, asIntended, [open('f'), ...opens], null), drawing);
    for (const step of text.split(/^ ?\d+ {2}/m)) expect(step.split('\n').length).toBeLessThan(16);
  });

  it('has colours only where they are asked for', () => {
    const esc = String.fromCharCode(27);
    expect(renderText(violating, drawing)).not.toContain(esc);
    expect(renderText(violating, drawing, colours())).toContain(`${esc}[31m-> EOPNOTSUPP`);
  });
});

describe('a trace as a sequence diagram', () => {
  it('has the participants that occur, each call, its answer, and the violation over all', () => {
    expect(renderMermaid(violating, drawing)).toMatchInlineSnapshot(`
      "sequenceDiagram
        participant VMMvm0 as VMM vm0
        participant iommufd as iommufd
        VMMvm0->>iommufd: openIommufd()
        iommufd-->>VMMvm0: ok iommufd0=3
        VMMvm0->>iommufd: ioasAlloc(fd=iommufd0)
        iommufd-->>VMMvm0: ok ioas0=1
        VMMvm0->>iommufd: ioasAlloc(fd=iommufd0, flags=1) as ioas1
        iommufd--xVMMvm0: EOPNOTSUPP
        Note over VMMvm0,iommufd: no-flags: a flag was refused"
    `);
  });

  it('shows what reaches the pSMMU and what it reports', () => {
    const event: Call = { actor: 'device:dev0', command: 'smmuEvent', args: { words: EVENT } };
    const diagram = renderMermaid(recordTrace(tiny, asIntended, [event], null), drawing);
    expect(diagram.split('\n').map((line) => line.trim())).toEqual([
      'sequenceDiagram',
      'participant host as host',
      'participant pSMMU as pSMMU',
      'participant devicedev0 as device dev0',
      'devicedev0->>pSMMU: smmuEvent(words=F_TRANSLATION{StreamID=3 InputAddr=0x2000})',
      'pSMMU->>host: F_TRANSLATION{StreamID=3 InputAddr=0x2000}',
    ]);
  });

  it('writes what means something to Mermaid as Mermaid wants it', () => {
    const hostile: Trace = { ...violating, violation: 'a; b # c <d>' };
    expect(renderMermaid(hostile, drawing)).toContain('a#59; b #35; c #60;d#62;');
  });
});
