import { describe, expect, it } from 'vitest';
import { illegalSteKeepsPrevious } from '../../../overrides/deviations/vmm-qemu-11/streams.ts';
import { DEFECTS } from '../../../overrides/index.ts';
import { encodeCommand } from '../../../spec/smmuv3/command.ts';
import { encodeEvent } from '../../../spec/smmuv3/event.ts';
import { mixedHost } from '../../../workload/scopes/mixed-host.ts';
import { oneVsmmu } from '../../../workload/scopes/one-vsmmu.ts';
import { cfgiSte, GBPA_ABORT, Lab, ON, STE } from './lab.ts';

/** What a VMM calls to open and bind a device and to learn of its IOMMU. */
const OPENED = ['openCdev', 'vfioBind', 'getHwInfo'];
const FIRST = ['openIommufd', 'ioasAlloc', 'ioasMap', ...OPENED];
const BACKED = ['hwptAlloc', 'viommuAlloc', 'hwptAlloc', 'hwptAlloc', 'veventqAlloc'];

describe('boot', () => {
  it('of a specified vSMMU calls nothing, and freezes its registers', () => {
    const lab = new Lab();
    expect(lab.do('boot')).toBe('ok');
    expect(lab.calls).toEqual([]);
    expect(lab.do('readId')).toBe('ok');
    expect(lab.data).toHaveLength(8);
    expect(lab.data[5]).toBe(0x74n);
    expect(lab.do('boot')).toBe('EBUSY');
  });

  it.each(['readId', 'writeCr0', 'writeGbpa', 'writeSte', 'issueCommands', 'readEvents', 'reset'] as const)(
    'goes before %s',
    (command) => {
      expect(new Lab().do(command)).toBe('EPERM');
    },
  );
});

describe('plug', () => {
  it('nests the first device: iommufd, device, vSMMU, vDEVICE, attachment', () => {
    const lab = new Lab();
    expect(lab.do('plug', { device: 'dev0', vsid: 3 })).toBe('ok');
    expect(lab.calls).toEqual([...FIRST, ...BACKED, 'vdeviceAlloc', 'vfioAttach']);
    expect(lab.domainOf('dev0')).toBe('bypass');
  });

  it('nests a second one on what is there, after asking whether it may be', () => {
    const lab = new Lab();
    lab.do('plug', { device: 'dev0' });
    expect(lab.do('plug', { device: 'dev1', vsid: 1 })).toBe('ok');
    expect(lab.calls).toEqual([...OPENED, 'viommuAlloc', 'destroy', 'vdeviceAlloc', 'vfioAttach']);
  });

  it.each([
    ['a device that there is not', { device: 'dev9' }, 'ENODEV'],
    ['a device of another host', { device: 'dev3' }, 'ENODEV'],
    ['a vSMMU that there is not', { device: 'dev0', vsmmu: 1 }, 'ENODEV'],
    ['a StreamID beyond SIDSIZE', { device: 'dev0', vsid: 0x1_0000 }, 'EINVAL'],
    ['a StreamID that is taken', { device: 'dev0', vsid: 7 }, 'EEXIST'],
    ['a device that is plugged', { device: 'dev1', vsid: 8 }, 'EBUSY'],
    ['a device that may not be nested', { device: 'dev2' }, 'EOPNOTSUPP'],
  ])('of %s is refused with a reason, and nothing is changed', (_what, args, errno) => {
    const lab = new Lab();
    lab.do('plug', { device: 'dev1', vsid: 7 });
    const before = lab.world;
    expect(lab.do('plug', args)).toBe(errno);
    expect(lab.reason).not.toBe('');
    expect(lab.world).toBe(before);
  });

  it('of a device that does not fit is refused with the fields, and undone call by call', () => {
    const lab = new Lab(mixedHost);
    const before = lab.world;
    expect(lab.do('plug', { device: 'dev2' })).toBe('EINVAL');
    expect(lab.reason).toBe(
      'dev2 does not fit vSMMU 0: IDR3.RIL=1 (the pSMMU: 0), IDR5.OAS=4 (the pSMMU: 2)',
    );
    expect(lab.calls).toEqual([...FIRST, 'close', 'close']);
    expect(lab.world).toBe(before);
  });

  it('of a device of a second pSMMU is refused by the kernel', () => {
    const lab = new Lab(mixedHost);
    lab.do('plug', { vsmmu: 1, device: 'dev2' });
    expect(lab.do('plug', { vsmmu: 1, device: 'dev0', vsid: 1 })).toBe('EINVAL');
    expect(lab.calls).toContain('viommuAlloc EINVAL');
  });

  it('is for the operator', () => {
    expect(new Lab().do('plug', { device: 'dev0' }, 'guest:vm0')).toBe('EPERM');
    expect(new Lab().do('boot', {}, 'vmm:vm0')).toBe('EPERM');
  });
});

describe('what a guest asks for a stream', () => {
  it.each([
    ['GBPA bypass while SMMUEN is 0', [], 'bypass'],
    ['GBPA abort while SMMUEN is 0', [['writeGbpa', { value: GBPA_ABORT }]], 'abort'],
    ['a write to GBPA without UPDATE', [['writeGbpa', { value: 1 << 20 }]], 'bypass'],
    ['no STE', [['writeCr0', { value: ON }]], 'abort'],
    [
      'SMMUEN off again',
      [
        ['writeCr0', { value: ON }],
        ['writeCr0', { value: 0 }],
      ],
      'bypass',
    ],
    [
      'an STE in memory, unread',
      [
        ['writeCr0', { value: ON }],
        ['writeSte', { words: STE.translate }],
      ],
      'abort',
    ],
    [
      'an STE from before SMMUEN',
      [
        ['writeSte', { words: STE.bypass }],
        ['writeCr0', { value: ON }],
      ],
      'bypass',
    ],
    [
      'an STE read by CFGI_STE',
      [
        ['writeCr0', { value: ON }],
        ['writeSte', { words: STE.translate }],
        ['issueCommands', { words: cfgiSte(0) }],
      ],
      's1Translate',
    ],
    [
      'CFGI_STE of another stream',
      [
        ['writeCr0', { value: ON }],
        ['writeSte', { words: STE.translate }],
        ['issueCommands', { words: cfgiSte(1) }],
      ],
      'abort',
    ],
    [
      'an STE that only a hypervisor may write',
      [
        ['writeSte', { words: STE.translate }],
        ['writeCr0', { value: ON }],
        ['writeSte', { words: STE.stage2 }],
        ['issueCommands', { words: encodeCommand('CFGI_STE_RANGE', { Range: 31 }) }],
      ],
      'abort',
    ],
    [
      'a reset',
      [
        ['writeGbpa', { value: GBPA_ABORT }],
        ['reset', {}],
      ],
      'bypass',
    ],
  ] as const)('%s, asked before a device comes or after: the same', (_what, asked, expected) => {
    const early = new Lab();
    early.do('boot');
    for (const [command, args] of asked) expect(early.do(command, args)).toBe('ok');
    const late = new Lab();
    late.do('boot');
    late.do('plug', { device: 'dev0' });
    for (const [command, args] of asked) expect(late.do(command, args)).toBe('ok');
    expect(late.domainOf('dev0')).toBe(expected);
    early.do('plug', { device: 'dev0' });
    // An STE that was only stored may have been read when the device came, or not.
    if (_what !== 'an STE in memory, unread' && _what !== 'CFGI_STE of another stream')
      expect(early.domainOf('dev0')).toBe(expected);
  });

  it('moves the device to a new HWPT, and the old one goes', () => {
    const lab = new Lab();
    lab.do('boot');
    lab.do('plug', { device: 'dev0' });
    lab.do('writeSte', { words: STE.translate });
    lab.do('writeCr0', { value: ON });
    lab.do('writeSte', { words: STE.other });
    lab.do('issueCommands', { words: cfgiSte(0) });
    expect(lab.calls).toEqual(['hwptAlloc', 'vfioAttach', 'destroy']);
  });

  it('that is illegal stops the queue and changes nothing, in QEMU', () => {
    const lab = new Lab(oneVsmmu, [illegalSteKeepsPrevious]);
    lab.do('boot');
    lab.do('plug', { device: 'dev0' });
    lab.do('writeSte', { words: STE.bypass });
    lab.do('writeCr0', { value: ON });
    lab.do('writeSte', { words: STE.stage2 });
    lab.do('issueCommands', { words: cfgiSte(0) });
    expect(lab.result.out).toEqual({ consumed: 0, error: 1 });
    expect(lab.domainOf('dev0')).toBe('bypass');
  });

  it('that is illegal is an abort, of which no transaction has told yet', () => {
    const lab = new Lab();
    lab.do('boot');
    lab.do('plug', { device: 'dev0', vsid: 2 });
    lab.do('writeCr0', { value: ON });
    lab.do('writeSte', { vsid: 2, words: STE.stage2 });
    lab.do('issueCommands', { words: cfgiSte(2) });
    expect(lab.result.out).toEqual({ consumed: 1, error: 0 });
    expect(lab.calls).toEqual(['vfioAttach']);
    lab.do('readEvents');
    expect(lab.data).toEqual([]);
  });
});

describe("a guest's command queue", () => {
  function translating(): Lab {
    const lab = new Lab();
    lab.do('boot');
    lab.do('plug', { device: 'dev0' });
    lab.do('writeSte', { words: STE.translate });
    lab.do('writeCr0', { value: ON });
    return lab;
  }

  it('hands invalidations to the kernel in one call, under physical names', () => {
    const lab = translating();
    const words = [
      ...encodeCommand('TLBI_NH_ASID', { ASID: 5 }),
      ...encodeCommand('CFGI_CD_ALL', { StreamID: 0 }),
      ...encodeCommand('SYNC'),
    ];
    lab.do('issueCommands', { words });
    expect(lab.result.out).toEqual({ consumed: 3, error: 0 });
    expect(lab.calls).toEqual(['hwptInvalidate']);
    const issued = lab.effects.flatMap((effect) => (effect.kind === 'smmuCommands' ? effect.commands : []));
    expect(issued).toHaveLength(2);
    expect(issued[1]?.[0]).toBe(encodeCommand('CFGI_CD_ALL', { StreamID: 0x10 })[0]);
  });

  it('finishes them before a configuration command', () => {
    const lab = translating();
    lab.do('issueCommands', { words: [...encodeCommand('TLBI_NH_ALL'), ...cfgiSte(0)] });
    expect(lab.calls).toEqual(['hwptInvalidate', 'hwptAlloc', 'vfioAttach', 'destroy']);
  });

  it.each([
    ['an opcode that there is not', [0x7fn, 0n]],
    ['a stage-2 invalidation', encodeCommand('TLBI_S12_VMALL')],
  ] as const)('stops at %s', (_what, bad) => {
    const lab = translating();
    lab.do('issueCommands', { words: [...encodeCommand('TLBI_NH_ALL'), ...bad, ...cfgiSte(0)] });
    expect(lab.result.out).toEqual({ consumed: 1, error: 1 });
    expect(lab.calls).toEqual(['hwptInvalidate']);
  });

  it('drops what names a stream without a device', () => {
    const lab = translating();
    lab.do('issueCommands', { words: encodeCommand('CFGI_CD_ALL', { StreamID: 9 }) });
    expect(lab.result.out).toEqual({ consumed: 1, error: 0 });
    expect(lab.calls).toEqual([]);
  });

  it('needs no device at all', () => {
    const lab = new Lab();
    lab.do('boot');
    lab.do('writeCr0', { value: ON });
    lab.do('issueCommands', { words: encodeCommand('TLBI_NH_ALL') });
    expect(lab.result.out).toEqual({ consumed: 1, error: 0 });
  });

  it('stands still while CMDQEN is 0', () => {
    const lab = new Lab();
    lab.do('boot');
    lab.do('issueCommands', { words: [0x7fn, 0n] });
    expect(lab.result.out).toEqual({ consumed: 0, error: 0 });
  });
});

describe('events', () => {
  it("of a device reach its guest's queue under its virtual StreamID", () => {
    const lab = new Lab();
    lab.do('boot');
    lab.do('plug', { device: 'dev0', vsid: 5 });
    lab.do('writeSte', { vsid: 5, words: STE.translate });
    lab.do('writeCr0', { value: ON });
    lab.do('smmuEvent', { words: encodeEvent('F_TRANSLATION', { StreamID: 0x10 }) }, 'device:dev0');
    lab.do('readEvents');
    expect(lab.data).toEqual(encodeEvent('F_TRANSLATION', { StreamID: 5 }));
  });
});

describe('unplug', () => {
  it('of the last device gives everything back', () => {
    const lab = new Lab();
    const before = lab.world;
    lab.do('plug', { device: 'dev0' });
    expect(lab.do('unplug', { device: 'dev0' })).toBe('ok');
    expect(lab.world).toEqual(before);
    expect(lab.do('unplug', { device: 'dev0' })).toBe('ENOENT');
  });

  it('of one of two leaves the other as it is, and frees its StreamID', () => {
    const lab = new Lab();
    lab.do('plug', { device: 'dev0' });
    const alone = lab.world;
    lab.do('plug', { device: 'dev1', vsid: 1 });
    lab.do('unplug', { device: 'dev1' });
    expect(lab.world).toEqual(alone);
    expect(lab.do('plug', { device: 'dev1', vsid: 1 })).toBe('ok');
  });
});

describe('liveUpdate', () => {
  it('changes nothing, and is of a machine that runs', () => {
    const lab = new Lab();
    lab.do('plug', { device: 'dev0' });
    lab.do('plug', { device: 'dev1', vsid: 1 });
    expect(lab.do('liveUpdate')).toBe('EPERM');
    lab.do('boot');
    const before = lab.world;
    expect(lab.do('liveUpdate')).toBe('ok');
    expect(lab.world).toEqual(before);
  });

  it('after which a VMM that forgot the second device takes away only what it knows of', () => {
    const lab = new Lab(
      oneVsmmu,
      DEFECTS.filter(({ name }) => name === 'second-device-forgotten'),
    );
    lab.do('boot');
    lab.do('plug', { device: 'dev0' });
    lab.do('plug', { device: 'dev1', vsid: 1 });
    lab.do('liveUpdate');
    lab.do('unplug', { device: 'dev1' });
    expect(lab.calls).not.toContain('vfioDetach');
    lab.do('unplug', { device: 'dev0' });
    expect(lab.calls).toContain('vfioDetach');
  });
});

describe('migrate', () => {
  function ready(): Lab {
    const lab = new Lab();
    lab.do('boot');
    lab.do('writeSte', { words: STE.bypass });
    lab.do('writeCr0', { value: ON });
    return lab;
  }

  it('takes the registers and what the guest set up along, and a waiting device is what they say', () => {
    const lab = ready();
    lab.do('readId');
    const registers = lab.data;
    expect(lab.do('migrate', { host: 1, device: 'dev3' })).toBe('ok');
    expect(lab.domainOf('dev3')).toBe('bypass');
    lab.do('readId');
    expect(lab.data).toEqual(registers);
    expect(lab.do('plug', { device: 'dev0', vsid: 1 })).toBe('ENODEV');
  });

  it.each([
    ['to where it is', { host: 0 }, 'EINVAL'],
    ['to a host that there is not', { host: 2 }, 'ENODEV'],
    ['with a device that waits elsewhere', { host: 1, device: 'dev0' }, 'ENODEV'],
    ['behind a vSMMU that there is not', { host: 1, device: 'dev3', vsmmu: 1 }, 'ENODEV'],
  ])('%s is refused, and it runs on as it was', (_what, args, errno) => {
    const lab = ready();
    const before = lab.world;
    expect(lab.do('migrate', args)).toBe(errno);
    expect(lab.world).toBe(before);
  });

  it('with a device plugged is refused', () => {
    const lab = ready();
    lab.do('plug', { device: 'dev0' });
    expect(lab.do('migrate', { host: 1 })).toBe('EBUSY');
  });
});
