import { describe, expect, it } from 'vitest';
import { UsageError } from '../../checker/select/usage-error.ts';
import { groundOf } from '../../page/session/choice.ts';
import {
  callsOf,
  childrenOf,
  goTo,
  goToDepth,
  leaveBranch,
  pathOf,
  placeOf,
  redo,
  type Session,
  take,
  undo,
} from '../../page/session/session.ts';
import { calls, sessionOf } from './lab.ts';

const PREFIX = ['vmm:vm0 openIommufd() as iommufd0', 'vmm:vm0 ioasAlloc(fd=iommufd0) as ioas0'];
const [MAP, DESTROY] = calls(
  'vmm:vm0 ioasMap fd=iommufd0 ioasId=ioas0 length=0x1000 flags=READABLE',
  'vmm:vm0 destroy fd=iommufd0 id=ioas0',
) as [ReturnType<typeof calls>[number], ReturnType<typeof calls>[number]];

function commandsOf(session: Session): readonly string[] {
  return callsOf(pathOf(session)).map(({ command }) => command);
}

describe('a session', () => {
  const base = sessionOf('one-smmu', [], ...PREFIX);

  it('goes back and forth along what was done', () => {
    const back = undo(base);
    expect(placeOf(back).depth).toBe(1);
    expect(commandsOf(back)).toEqual(['openIommufd', 'ioasAlloc']);
    expect(redo(back)).toEqual(base);
    expect(redo(base)).toBe(base);
    expect(undo(goToDepth(base, 0))).toEqual(goToDepth(base, 0));
  });

  it('keeps both ways where one was left for another', () => {
    const other = take(undo(base), DESTROY);
    expect(commandsOf(other)).toEqual(['openIommufd', 'destroy']);
    expect(childrenOf(other, placeOf(undo(other)).id)).toHaveLength(2);
    const first = goTo(other, base.at);
    expect(commandsOf(first)).toEqual(['openIommufd', 'ioasAlloc']);
    expect(first.places).toHaveLength(4);
  });

  it('is on the old path again when what was taken is taken back', () => {
    const left = take(goToDepth(base, 1), DESTROY);
    const back = leaveBranch(left);
    expect(placeOf(back).depth).toBe(1);
    expect(commandsOf(back)).toEqual(['openIommufd', 'ioasAlloc']);
  });

  it('makes no call twice where it was made before', () => {
    const again = take(undo(take(base, MAP)), MAP);
    expect(again.places).toHaveLength(4);
    expect(placeOf(again).depth).toBe(3);
  });

  it('leaves the world as it was where a call is refused', () => {
    const refused = take(take(base, DESTROY), DESTROY);
    const { step, world } = placeOf(refused);
    expect(step?.done.result).toMatchObject({ ok: false, errno: 'ENOENT' });
    expect(world).toBe(placeOf(undo(refused)).world);
  });

  it('lights a property when its witness is first reached, and once', () => {
    const bound = sessionOf(
      'one-smmu',
      [],
      'vmm:vm0 openCdev(device=dev0) as cdev0',
      'vmm:vm0 openIommufd() as iommufd0',
      'vmm:vm0 vfioBind(fd=cdev0, iommufd=iommufd0) as device0',
      'vmm:vm0 ioasAlloc(fd=iommufd0) as ioas0',
    );
    const lit = pathOf(bound).map(({ witnessed }) =>
      witnessed.some(({ id }) => id === 'contexts-are-counted'),
    );
    expect(lit).toEqual([false, false, false, true, false]);
    expect(placeOf(bound).said.witnessed.has('contexts-are-counted')).toBe(true);
    expect(placeOf(goToDepth(bound, 2)).said.witnessed.has('contexts-are-counted')).toBe(false);
  });

  it('names what is known where a choice names something else', () => {
    const choose = (scope: string, designs: readonly string[], defects: readonly string[]) => () =>
      groundOf({ scope, designs, defects });
    expect(choose('one-smu', [], [])).toThrow(/^unknown scope 'one-smu'; did you mean one-smmu\?/);
    expect(choose('one-smmu', ['kernel=2'], [])).toThrow(UsageError);
    expect(choose('one-smmu', [], ['no-such'])).toThrow(/^unknown defect 'no-such'/);
    expect(choose('one-smmu', ['./mine.ts'], [])).toThrow(/^'\.\/mine\.ts' is a module/);
  });
});
