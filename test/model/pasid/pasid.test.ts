import { describe, expect, it } from 'vitest';
import type { ArgValue } from '../../../model/call.ts';
import { oneStage } from '../../../model/pasid/stages.ts';
import { Lab, outcome, smmuv3, vtd2, vtd3 } from './lab.ts';

/** Host pages: 0 and 1 are the host's, 2 and 3 vm0's, 4 and 5 vm1's. */
const VM0 = ['2', '3'] as const;
const VM1 = ['4', '5'] as const;

describe('a unit without a vIOMMU', () => {
  it.each([
    ['smmuv3', smmuv3],
    ['vt-d2', vtd2],
    ['vt-d3', vtd3],
  ])('behind %s reaches the memory of its machine, page by page', (_, hardware) => {
    const lab = new Lab(hardware);
    expect(lab.assign('vf1', 'vm0')).toBe('ok');
    expect(lab.assign('mdev0', 'vm0')).toBe('ok');
    expect(lab.assign('mdev1', 'vm1')).toBe('ok');
    for (const page of [0, 1]) {
      expect(lab.reach('vf1', 0, page)).toBe(VM0[page]);
      expect(lab.reach('mdev0', 0, page)).toBe(VM0[page]);
      expect(lab.reach('mdev1', 0, page)).toBe(VM1[page]);
    }
    expect(lab.reach('vf1', 1)).toBe('fault');
    expect(lab.reach('mdev0', 1)).toBe('EPERM');
    expect(lab.reach('vf0')).toBe('fault');
  });

  it('reaches nothing once it is taken back, and its PASID is used again', () => {
    const lab = new Lab(vtd3);
    lab.assign('mdev0', 'vm0');
    lab.assign('mdev1', 'vm0');
    lab.do('operator', 'unassign', { unit: 'mdev0' });
    expect(lab.reach('mdev0')).toBe('ENODEV');
    lab.assign('mdev0', 'vm1');
    expect(lab.world.pasids?.units.map((each) => each?.pasid)).toEqual([undefined, 1, 2, undefined]);
    expect(lab.reach('mdev0')).toBe(VM1[0]);
    expect(lab.reach('mdev1')).toBe(VM0[0]);
    expect(lab.world.pasids?.stale).toEqual([]);
  });
});

describe('shadowing', () => {
  it('follows the guest at its invalidations, and not before', () => {
    const lab = new Lab(smmuv3);
    expect(lab.assign('mdev0', 'vm0', 'translation', 'shadow')).toBe('ok');
    expect(lab.reach('mdev0')).toBe(VM0[0]);
    lab.map('vm0', 'mdev0', 0, 0, 1);
    expect(lab.reach('mdev0')).toBe(VM0[1]);
    lab.do('guest:vm0', 'writeMapping', { table: 0, valid: true, page: 0 });
    expect(lab.reach('mdev0')).toBe(VM0[1]);
    lab.do('guest:vm0', 'invalidate', { unit: 'mdev0', reach: 'page' });
    expect(lab.reach('mdev0')).toBe(VM0[0]);
    lab.do('guest:vm0', 'writeMapping', { table: 0 });
    lab.do('guest:vm0', 'invalidate', { unit: 'mdev0', reach: 'global' });
    expect(lab.reach('mdev0')).toBe('fault');
  });

  it('keeps what is not memory of the guest out of its tables', () => {
    const lab = new Lab(vtd3);
    lab.assign('vf1', 'vm0', 'translation', 'shadow');
    lab.map('vm0', 'vf1', 0, 0, 5);
    expect(lab.reach('vf1')).toBe('fault');
  });
});

describe('nesting', () => {
  it("lets hardware read the guest's tables: a new mapping takes no invalidation", () => {
    const lab = new Lab(vtd3);
    lab.assign('mdev0', 'vm0', 'translation', 'nest');
    lab.assign('mdev1', 'vm1', 'translation', 'nest');
    lab.map('vm0', 'mdev0', 0, 0, 0);
    lab.do('guest:vm0', 'writeMapping', { table: 0, iova: 1, valid: true, page: 1 });
    expect(lab.reach('mdev0', 0, 1)).toBe(VM0[1]);
    expect(lab.reach('mdev1')).toBe(VM1[0]);
  });

  it('may use what was true before until the guest has invalidated it', () => {
    const lab = new Lab(vtd3);
    lab.assign('mdev0', 'vm0', 'translation', 'nest');
    lab.map('vm0', 'mdev0', 0, 0, 0);
    lab.do('guest:vm0', 'writeMapping', { table: 0, valid: true, page: 1 });
    expect(lab.reach('mdev0')).toBe('2,3');
    lab.do('guest:vm0', 'invalidate', { unit: 'mdev0', reach: 'page' });
    expect(lab.reach('mdev0')).toBe('3');
  });

  it('gives the guest of a function behind an SMMUv3 the PASID table itself', () => {
    const lab = new Lab(smmuv3);
    lab.assign('vf1', 'vm0', 'pasids', 'nest');
    lab.map('vm0', 'vf1', 0, 0, 0);
    lab.map('vm0', 'vf1', 2, 1, 1);
    expect(lab.world.pasids?.streams[1]).toMatchObject({ guestTable: 3, entries: [] });
    expect([lab.reach('vf1'), lab.reach('vf1', 2), lab.reach('vf1', 1)]).toEqual(['2', '3', 'fault']);
    lab.do('guest:vm0', 'writePasidEntry', { unit: 'vf1', pasid: 1, present: true, table: 1 });
    expect(lab.reach('vf1', 1)).toBe('3');
  });

  it('has the host write the PASID table of a function behind vt-d3', () => {
    const lab = new Lab(vtd3);
    lab.assign('vf1', 'vm0', 'pasids', 'nest');
    lab.map('vm0', 'vf1', 2, 1, 1);
    expect(lab.world.pasids?.streams[1]?.guestTable).toBeNull();
    expect(lab.world.pasids?.streams[1]?.entries[2]).toMatchObject({ form: 'nested' });
    expect(lab.reach('vf1', 2)).toBe('3');
    lab.do('guest:vm0', 'writePasidEntry', { unit: 'vf1', pasid: 1, present: true, table: 1 });
    expect(lab.reach('vf1', 1)).toBe('fault');
  });

  it('under vt-d2 is for requests with PASID only', () => {
    const lab = new Lab(vtd2, { pasid: { assignmentObjection: () => null } });
    lab.assign('vf1', 'vm0', 'pasids', 'nest');
    lab.map('vm0', 'vf1', 0, 0, 1);
    lab.map('vm0', 'vf1', 1, 1, 1);
    expect([lab.reach('vf1', 0), lab.reach('vf1', 1)]).toEqual(['2', '3']);
  });
});

describe("a guest's context entry", () => {
  /** Requests without PASID, with PASID 1, and with PASID 2, whose entries lead to other pages than none does. */
  function reached(lab: Lab, context: Readonly<Record<string, ArgValue>>): readonly string[] {
    lab.do('guest:vm0', 'writeMapping', { table: 0, valid: true, page: 1 });
    for (const pasid of [0, 1, 2])
      lab.do('guest:vm0', 'writePasidEntry', { unit: 'vf1', pasid, present: true, table: 0 });
    lab.do('guest:vm0', 'writeContext', { unit: 'vf1', translates: true, ...context });
    lab.do('guest:vm0', 'invalidate', { unit: 'vf1', reach: 'context' });
    return [0, 1, 2].map((pasid) => lab.reach('vf1', pasid));
  }

  const ways = [smmuv3, vtd3].flatMap((hardware) => {
    return (['shadow', 'nest'] as const).map((mechanism) => ({ hardware, mechanism }));
  });
  const cases: readonly [what: string, context: Readonly<Record<string, ArgValue>>, pages: string][] = [
    ['a table of as many entries as there can be', {}, '3 3 3'],
    ['one of a single entry, which is for requests without PASID', { pasidBits: 0 }, '3 fault fault'],
    ['one of two', { pasidBits: 1 }, '3 3 fault'],
    ['one of more than there can be', { pasidBits: 21 }, 'fault fault fault'],
    ['requests without PASID past stage 1', { unnumbered: 'bypass' }, '2 3 3'],
    ['no requests without PASID', { unnumbered: 'abort' }, 'fault 3 3'],
    ['none of them, but in a table of one entry', { unnumbered: 'abort', pasidBits: 0 }, '3 fault fault'],
    ['no translation, whatever else it says', { translates: false, unnumbered: 'abort' }, '2 fault fault'],
  ];

  describe.each(ways.map((way) => [way.mechanism, way.hardware.name, way] as const))(
    'by %s behind %s',
    (_mechanism, _name, { hardware, mechanism }) => {
      it.each(cases)('has %s', (_what, context, pages) => {
        const lab = new Lab(hardware);
        expect(lab.assign('vf1', 'vm0', 'pasids', mechanism)).toBe('ok');
        expect(reached(lab, context).join(' ')).toBe(pages);
      });

      it('counts once it was invalidated, and what was cached by the old one is gone then', () => {
        const lab = new Lab(hardware);
        lab.assign('vf1', 'vm0', 'pasids', mechanism);
        reached(lab, {});
        lab.do('guest:vm0', 'writeContext', {
          unit: 'vf1',
          translates: true,
          pasidBits: 0,
          unnumbered: 'bypass',
        });
        expect(lab.reach('vf1', 1)).toBe('3');
        lab.do('guest:vm0', 'invalidate', { unit: 'vf1', reach: 'context' });
        expect([lab.reach('vf1'), lab.reach('vf1', 1)]).toEqual(['3', 'fault']);
        expect(reached(lab, { unnumbered: 'bypass' }).join(' ')).toBe('2 3 3');
      });
    },
  );
});

describe('paravirtual allocation', () => {
  it('gives each guest numbers that nobody else has, and takes them back', () => {
    const lab = new Lab(vtd3);
    lab.assign('mdev0', 'vm0', 'pasids', 'nest', true);
    lab.assign('mdev1', 'vm1', 'pasids', 'nest', true);
    expect(lab.do('guest:vm0', 'allocPasid', { unit: 'mdev0' })).toMatchObject({ out: { pasid: 3 } });
    expect(lab.do('guest:vm1', 'allocPasid', { unit: 'mdev1' })).toMatchObject({ out: { pasid: 4 } });
    lab.map('vm0', 'mdev0', 3, 1, 1);
    expect(lab.reach('mdev0', 3)).toBe('3');
    expect(lab.reach('mdev1', 3)).toBe('EPERM');
    expect(outcome(lab.do('guest:vm0', 'allocPasid', { unit: 'mdev0' }))).toBe('ENOSPC');
    expect(outcome(lab.do('guest:vm0', 'freePasid', { unit: 'mdev0', pasid: 4 }))).toBe('ENOENT');
    expect(outcome(lab.do('guest:vm0', 'freePasid', { unit: 'mdev0', pasid: 3 }))).toBe('ok');
    expect(lab.do('guest:vm1', 'allocPasid', { unit: 'mdev1' })).toMatchObject({ out: { pasid: 3 } });
    expect(lab.reach('mdev0', 3)).toBe('EPERM');
  });

  it("puts a number of the host in the place of the guest's where the device is told so", () => {
    const lab = new Lab({ ...vtd3, translatesPasids: true });
    expect(lab.assign('mdev0', 'vm0', 'pasids', 'nest')).toBe('ok');
    expect(lab.assign('mdev1', 'vm1', 'pasids', 'nest')).toBe('ok');
    lab.map('vm0', 'mdev0', 1, 1, 1);
    lab.map('vm1', 'mdev1', 1, 1, 0);
    expect([lab.reach('mdev0', 1), lab.reach('mdev1', 1)]).toEqual(['3', '4']);
    expect(lab.world.pasids?.units.map((each) => each?.given)).toEqual([
      undefined,
      [{ guest: 1, host: 3 }],
      [{ guest: 1, host: 4 }],
      undefined,
    ]);
  });

  it('gives one number to a PASID, however often the guest invalidates', () => {
    const lab = new Lab({ ...vtd3, translatesPasids: true });
    lab.assign('mdev0', 'vm0', 'pasids', 'nest');
    lab.map('vm0', 'mdev0', 1, 1, 1);
    lab.map('vm0', 'mdev0', 1, 1, 0);
    expect(lab.world.pasids?.units[1]?.given).toEqual([{ guest: 1, host: 2 }]);
  });
});

describe('what the host writes', () => {
  it('into a table that it shadows is told, descriptor by descriptor', () => {
    const lab = new Lab(smmuv3);
    const written = () => {
      const { effects } = lab.last ?? { effects: [] };
      return effects.flatMap((effect) => (effect.kind === 'shadowWritten' ? [effect.descriptors] : []));
    };
    lab.assign('mdev0', 'vm0', 'translation', 'shadow');
    lab.map('vm0', 'mdev0', 0, 0, 1);
    expect(written()).toEqual([1]);
    lab.do('guest:vm0', 'writeMapping', { table: 0 });
    lab.do('guest:vm0', 'invalidate', { unit: 'mdev0', reach: 'global' });
    expect(written()).toEqual([1]);
  });

  it.each([
    ['stage 2 where these requests have a root', smmuv3, false, 'second'],
    [
      'stage 1 where the root is shared',
      { ...smmuv3, withPasid: ['first', 'second'] } as const,
      true,
      'first',
    ],
    ['stage 2 where each PASID has a root', vtd3, true, 'second'],
    ['stage 1 where there is no other', smmuv3, true, 'first'],
  ])('for one stage is %s', (_what, hardware, withPasid, form) => {
    expect(oneStage(hardware, withPasid, { of: 'memory', vm: 0 })?.form).toBe(form);
  });
});

describe('refusals', () => {
  const ENODEV = 'ENODEV';

  it.each([
    ['an operator only assigns', 'guest:vm0', 'assign', { unit: 'vf0', vm: 'vm0' }, 'EPERM'],
    ['an operator only takes back', 'guest:vm0', 'unassign', { unit: 'vf0' }, 'EPERM'],
    ['no such unit', 'operator', 'assign', { unit: 'vf9', vm: 'vm0' }, ENODEV],
    ['no such machine', 'operator', 'assign', { unit: 'vf0', vm: 'vm9' }, ENODEV],
    ['no such unit to take back', 'operator', 'unassign', { unit: 'vf9' }, ENODEV],
    ['nobody has it', 'operator', 'unassign', { unit: 'vf0' }, 'ENOENT'],
    [
      'it is taken',
      'operator',
      'assign',
      { unit: 'mdev0', vm: 'vm1', viommu: 'none', mechanism: 'direct' },
      'EBUSY',
    ],
    [
      'its slice is taken',
      'operator',
      'assign',
      { unit: 'vf0', vm: 'vm1', viommu: 'none', mechanism: 'direct' },
      'EBUSY',
    ],
    [
      'no such mechanism',
      'operator',
      'assign',
      { unit: 'vf1', vm: 'vm1', viommu: 'none', mechanism: 'luck' },
      'EINVAL',
    ],
    [
      'nothing to shadow',
      'operator',
      'assign',
      { unit: 'vf1', vm: 'vm1', viommu: 'none', mechanism: 'shadow' },
      'EINVAL',
    ],
    [
      'no PASIDs to ask for',
      'operator',
      'assign',
      { unit: 'vf1', vm: 'vm1', viommu: 'translation', mechanism: 'nest', paravirtual: true },
      'EINVAL',
    ],
    [
      "nothing applies the guest's tables",
      'operator',
      'assign',
      { unit: 'vf1', vm: 'vm1', viommu: 'pasids', mechanism: 'direct' },
      'EOPNOTSUPP',
    ],
    ['a guest has no such unit', 'guest:vm1', 'writeContext', { unit: 'mdev0' }, ENODEV],
    ['no such word', 'guest:vm0', 'writeContext', { unit: 'mdev0', unnumbered: 'fault' }, 'EINVAL'],
    ['a field of five bits', 'guest:vm0', 'writeContext', { unit: 'mdev0', pasidBits: 32 }, 'EINVAL'],
    ['there is no such PASID', 'guest:vm0', 'writePasidEntry', { unit: 'mdev0', pasid: 1 }, 'EINVAL'],
    ['there is no such table', 'guest:vm0', 'writeMapping', { table: 2 }, 'EINVAL'],
    ['there is no such reach', 'guest:vm0', 'invalidate', { unit: 'mdev0', reach: 'far' }, 'EINVAL'],
    ['there is no such command', 'guest:vm0', 'allocPasid', { unit: 'mdev0' }, ENODEV],
    ['there is none to free', 'guest:vm0', 'freePasid', { unit: 'mdev0', pasid: 1 }, ENODEV],
    ['nobody has the slice', 'device:mdev1', 'request', {}, ENODEV],
    ['it is no unit', 'device:dev0', 'request', {}, ENODEV],
    ['there is no such page', 'device:mdev0', 'request', { iova: 2 }, 'EINVAL'],
  ] as const)('%s', (_why, actor, command, args, errno) => {
    const lab = new Lab(vtd3);
    lab.assign('mdev0', 'vm0', 'translation', 'nest');
    const before = lab.world;
    expect(outcome(lab.do(actor, command, args))).toBe(errno);
    expect(lab.world).toBe(before);
  });

  it.each([
    ['nest of a slice', smmuv3, 'mdev0', 'translation', 'nest', false],
    ['PASIDs of its own choice for a slice', vtd3, 'mdev0', 'pasids', 'nest', false],
    ['nest of requests without PASID', vtd2, 'vf1', 'translation', 'nest', false],
    [
      'PASIDs to ask for where there is no way',
      { ...vtd3, allocation: 'none' },
      'mdev0',
      'pasids',
      'nest',
      true,
    ],
    ['a slice without PASID', { ...vtd3, slicesTagged: false }, 'mdev0', 'none', 'direct', false],
    ['a slice without a PASID table', { ...smmuv3, withPasid: [] }, 'mdev0', 'none', 'direct', false],
  ] as const)('this host cannot do it: %s', (_what, hardware, unit, viommu, mechanism, paravirtual) => {
    expect(new Lab(hardware).assign(unit, 'vm0', viommu, mechanism, paravirtual)).toBe('EOPNOTSUPP');
  });

  it('says ENOSPC where no PASID is left for a slice', () => {
    const lab = new Lab(vtd3);
    lab.assign('mdev0', 'vm0', 'pasids', 'nest', true);
    for (let count = 0; count < 3; count++) lab.do('guest:vm0', 'allocPasid', { unit: 'mdev0' });
    expect(lab.assign('mdev1', 'vm1')).toBe('ENOSPC');
  });
});
