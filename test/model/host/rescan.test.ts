import { describe, expect, it } from 'vitest';
import { composeRules, intended, type Rules } from '../../../model/rules.ts';
import { DEFECTS } from '../../../overrides/index.ts';
import { probing } from '../../../workload/scopes/probing.ts';
import { type Line, outcome, play } from '../../support/script.ts';

const again = (device: string): Line => ['rescan', {}, device];
const open = (device: string): Line => ['openCdev', { device }, 'cdev'];
const IOMMUFD: Line = ['openIommufd', {}, 'io'];
const BIND: Line = ['vfioBind', { fd: 'cdev', iommufd: 'io' }];

const under = (name: string): Rules => composeRules(DEFECTS.filter((defect) => defect.name === name));
const played = (lines: readonly Line[], rules: Rules = intended) => play(probing.platform, lines, rules);

describe('a device that the host takes away and finds again', () => {
  it.each(['dev0', 'dev1', 'dev2'])('%s is as it was', (device) => {
    const { world } = played([again(device), again(device)]);
    expect(world.iommus).toEqual(played([]).world.iommus);
    expect(outcome(played([again(device), open(device)]).last.result)).toBe('ok');
  });

  it.each<[string, readonly Line[], string]>([
    ['has nobody who holds its file', [open('dev0'), again('dev0')], 'EBUSY'],
    ['is in no group that a process has', [IOMMUFD, open('dev1'), BIND, again('dev2')], 'EBUSY'],
    ['is one', [again('none')], 'ENODEV'],
  ])('%s', (_, lines, errno) => {
    expect(outcome(played(lines).last.result)).toBe(errno);
  });

  it('has its StreamID once, however often firmware says it', () => {
    expect(played([again('dev0')]).world.iommus[0]?.probed?.streams).toEqual([
      { sid: 5, device: 0 },
      { sid: 0x10, device: 1 },
      { sid: 0x11, device: 2 },
    ]);
  });

  it("leaves firmware's regions to the rest of its group, and they go with the last", () => {
    const direct = ({ world }: ReturnType<typeof played>) => world.iommus[0]?.probed?.direct.length;
    expect(direct(played([again('dev1')]))).toBe(2);
    expect(outcome(played([again('dev1')], under('mapping-at-zero-unseen')).last.result)).toBe('ok');
    expect(played([again('dev1')], under('mapping-at-zero-unseen')).world.iommus[0]?.probed?.refused).toEqual(
      [1],
    );
  });

  it.each<[string, string]>([
    ['repeated-stream-refused', 'dev0'],
    ['mapping-at-zero-unseen', 'dev1'],
  ])('has no file any more under %s', (defect, device) => {
    expect(outcome(played([again(device), open(device)], under(defect)).last.result)).toBe('ENOENT');
  });

  it('maps them anew where it is the first of its group', () => {
    const rules = under('mapping-at-zero-unseen');
    expect(played([again('dev1'), again('dev2')], rules).world.iommus[0]?.probed?.refused).toEqual([1]);
  });

  it('leaves its table of CDs behind under cd-table-outlives-device', () => {
    const { world } = played([again('dev0'), again('dev0')], under('cd-table-outlives-device'));
    expect(world.iommus[0]?.probed?.cdTables).toEqual([0, 0, 0, 1, 2]);
  });
});
