import { describe, expect, it } from 'vitest';
import { answerText } from '../../checker/render/told.ts';
import { allEnabledAt, writtenAt } from '../../page/session/enabled.ts';
import { placeOf, take, undo } from '../../page/session/session.ts';
import { sessionOf } from './lab.ts';

const SESSIONS = [
  sessionOf(
    'one-smmu',
    ['kernel=linux-7.2'],
    'vmm:vm0 openIommufd as iommufd0',
    'vmm:vm0 ioasAlloc fd=iommufd0 as ioas0',
  ),
  sessionOf('one-vsmmu', [], 'operator boot vm=vm0'),
  sessionOf('container', []),
  sessionOf('emulated', []),
  sessionOf('mdev', []),
  sessionOf('vtd', []),
];

describe.each(SESSIONS.map((each) => [each.ground.scope.name, each] as const))(
  'what can be done on %s',
  (_, session) => {
    const menu = allEnabledAt(session.ground, placeOf(session));

    it('is sorted by actor and command, each form once', () => {
      const actors = menu.map(({ actor }) => actor);
      expect(actors.length).toBeGreaterThan(0);
      expect(actors).toEqual([...new Set(actors)].sort());
      for (const { actor, commands } of menu)
        for (const { command, forms } of commands) {
          expect(new Set(forms.map(({ text }) => text)).size).toBe(forms.length);
          expect(forms.every(({ call }) => call.actor === actor && call.command === command)).toBe(true);
        }
    });

    it('has for each form the answer that it gets when it is taken', () => {
      const forms = menu.flatMap(({ commands }) => commands.flatMap((each) => each.forms.slice(0, 2)));
      for (const { call, answer, ok, changes } of forms) {
        const after = take(session, call);
        const { step, world } = placeOf(after);
        if (step === null) throw new Error('a call was taken');
        expect({ answer: answerText(call, step.done.result), ok: step.done.result.ok }).toEqual({
          answer,
          ok,
        });
        expect(world !== placeOf(undo(after)).world).toBe(changes);
      }
    });
  },
);

describe('a call that is written', () => {
  const [session] = SESSIONS as [(typeof SESSIONS)[number]];

  it('is read as a file of steps has it', () => {
    const form = writtenAt(session.ground, placeOf(session), 'vmm:vm0 destroy fd=iommufd0 id=ioas0');
    expect(form).toMatchObject({ ok: true, answer: 'ok', changes: true });
  });

  it.each([
    ['vmm:vm0 destroi', /^the call:2: unknown command 'destroi'; did you mean destroy\?/],
    ['', /^the call: expected one call/],
    ['vmm:vm0 openIommufd\nvmm:vm0 openIommufd', /^the call: expected one call/],
  ])('%j is refused in a sentence', (line, message) => {
    expect(() => writtenAt(session.ground, placeOf(session), line)).toThrow(message);
  });
});
