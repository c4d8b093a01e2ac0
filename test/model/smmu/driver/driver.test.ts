import { describe, expect, it } from 'vitest';
import { composeRules } from '../../../../model/rules.ts';
import { LINUX_7_2 } from '../../../../overrides/deviations/linux-7.2.ts';
import { BOUND, type Line, NESTED, nestedArgs, VSTE } from '../../../support/script.ts';
import { driveScript, inWords } from './script.ts';

const VA = 0xffff_f6ff_9000n;
const map = (length: bigint): Line => [
  'ioasMap',
  { fd: 'io', ioasId: 'ioas', flags: 7, userVa: VA, length, iova: 0x2000_0000n },
];
const UNMAP_ALL: Line = ['ioasUnmap', { fd: 'io', ioasId: 'ioas', iova: 0n, length: 0xffff_ffff_ffff_ffffn }];
const attach = (ptId: string): Line => ['vfioAttach', { fd: 'cdev', ptId }];
const DETACH: Line = ['vfioDetach', { fd: 'cdev' }];
const VDEVICE: Line = ['vdeviceAlloc', { fd: 'io', viommuId: 'viommu', devId: 'dev', virtId: 0x110n }];
const READY: readonly Line[] = [...NESTED, VDEVICE];

describe('what the driver writes and flushes (device dev0, StreamID 16)', () => {
  const cases: readonly (readonly [
    what: string,
    before: readonly Line[],
    call: Line,
    does: readonly string[],
  ])[] = [
    ['nothing, while a device is only bound', BOUND.slice(0, 2), BOUND[2] as Line, []],
    [
      'an attach to a stage-2 domain goes through V=0: three doublewords change',
      NESTED,
      attach('parent'),
      ['STE 16: Abort', 'CFGI_STE StreamID=16', 'STE 16: S2Trans', 'CFGI_STE StreamID=16'],
    ],
    [
      'a detach changes one doubleword, then clears the rest; nothing uses the VMID any longer',
      [...NESTED, attach('parent')],
      DETACH,
      [
        'STE 16: Abort',
        'CFGI_STE StreamID=16',
        'STE 16: Abort',
        'CFGI_STE StreamID=16',
        'TLBI_S12_VMALL VMID=1',
      ],
    ],
    [
      'an attach to an IOAS writes the CD before the STE that leads to it',
      [...BOUND],
      attach('ioas'),
      [
        'CD of device 0: V=0',
        'CFGI_CD StreamID=16',
        'CD of device 0: valid',
        'CFGI_CD StreamID=16',
        'STE 16: Abort',
        'CFGI_STE StreamID=16',
        'STE 16: S1Trans',
        'CFGI_STE StreamID=16',
      ],
    ],
    [
      'a detach from it clears the CD after the STE, and the ASID',
      [...BOUND, attach('ioas')],
      DETACH,
      [
        'STE 16: Abort',
        'CFGI_STE StreamID=16',
        'STE 16: Abort',
        'CFGI_STE StreamID=16',
        'CD of device 0: V=0',
        'CFGI_CD StreamID=16',
        'CD of device 0: V=0',
        'CFGI_CD StreamID=16',
        'TLBI_NH_ASID VMID=0 ASID=1',
      ],
    ],
    [
      'a replace of an abort by an abort changes nothing',
      [...READY, ['hwptAlloc', nestedArgs([0n, 0n]), 'invalid'], attach('abort')],
      attach('invalid'),
      [],
    ],
    [
      'a replace of nested HWPTs with the same vSTE changes nothing',
      [...READY, ['hwptAlloc', nestedArgs(VSTE.translate), 'again'], attach('translate')],
      attach('again'),
      [],
    ],
    [
      'a replace by a nested HWPT whose CD is elsewhere changes one doubleword',
      [...READY, ['hwptAlloc', nestedArgs([0x1000_004bn, 0n]), 'other'], attach('translate')],
      attach('other'),
      ['STE 16: Nested', 'CFGI_STE StreamID=16'],
    ],
    ['a map flushes nothing', [...READY, attach('translate')], map(0x1000n), []],
    [
      'an unmap of a nesting parent clears what nested streams combined with it',
      [...READY, attach('parent'), map(0x1000n)],
      UNMAP_ALL,
      ['TLBI_S2_IPA VMID=1 Address=0x20000000 NUM=0 SCALE=0', 'TLBI_NH_ALL VMID=1'],
    ],
    [
      'a range is covered by as few commands as its length has digits of five bits',
      [...READY, attach('parent'), map(0x47_000n)],
      UNMAP_ALL,
      [
        'TLBI_S2_IPA VMID=1 Address=0x20000000 NUM=6 SCALE=0',
        'TLBI_S2_IPA VMID=1 Address=0x20007000 NUM=0 SCALE=6',
        'TLBI_NH_ALL VMID=1',
      ],
    ],
    [
      'an unmap of a stage-1 domain is by VA and ASID',
      [...BOUND, attach('ioas'), map(0x2000n)],
      UNMAP_ALL,
      ['TLBI_NH_VA VMID=0 ASID=1 Address=0x20000000 NUM=0 SCALE=1'],
    ],
    ['an unmap of what no stream is on flushes nothing', [...READY, map(0x1000n)], UNMAP_ALL, []],
    [
      "a guest's invalidation reaches the queue in the host's terms",
      [...READY, attach('translate')],
      [
        'hwptInvalidate',
        { fd: 'io', hwptId: 'viommu', dataType: 1, entryLen: 16, entryNum: 1, data: [0x30n, 0n] },
      ],
      ['TLBI_NH_ALL VMID=2'],
    ],
    [
      'the device closed: as a detach',
      [...READY, attach('abort')],
      ['close', { fd: 'cdev' }],
      ['TLBI_S12_VMALL VMID=2'],
    ],
  ];

  it.each(cases)('%s', (_what, before, call, does) => {
    expect(inWords(driveScript([...before, call]).actions)).toEqual(does);
  });

  it('an unmap flushes the tags of the parent and of every vSMMU on it', () => {
    const script = [...READY, attach('translate'), map(0x1000n), UNMAP_ALL];
    const flushed = ['TLBI_S2_IPA VMID=2 Address=0x20000000 NUM=0 SCALE=0', 'TLBI_NH_ALL VMID=2'];
    expect(inWords(driveScript(script).actions)).toEqual(flushed);
  });

  it('a replace of the parent by its bypass changes nothing where they share a VMID: the same STE', () => {
    const script = [...READY, attach('parent'), attach('bypass')];
    expect(driveScript(script, composeRules([LINUX_7_2['vsmmus-share-vmid']])).actions).toEqual([]);
  });

  it("flushes the parent's VMID where vSMMUs share it", () => {
    const script = [...READY, attach('translate'), DETACH];
    const { actions } = driveScript(script, composeRules([LINUX_7_2['vsmmus-share-vmid']]));
    expect(inWords(actions).at(-1)).toBe('TLBI_S12_VMALL VMID=1');
  });
});
