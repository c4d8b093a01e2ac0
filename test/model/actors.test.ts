import { describe, expect, it } from 'vitest';
import { bootWorld } from '../../model/boot.ts';
import { complaintOf, DEFAULT_ARGS } from '../../model/door.ts';
import { intended } from '../../model/rules.ts';
import { step } from '../../model/step.ts';
import type { Command, CommandName } from '../../model/world/command.ts';
import { oneSmmu } from '../../workload/scopes/one-smmu.ts';

function errnoOf(actor: string, command: CommandName): string {
  const world = bootWorld(oneSmmu.platform);
  const { result } = step(world, { actor, command, args: DEFAULT_ARGS[command] } as Command, intended);
  return result.ok ? 'ok' : result.errno;
}

describe('a command', () => {
  it('is refused to who may not give it: as no permission, or as no device where only devices can', () => {
    expect(errnoOf('vmm:vm0', 'openIommufd')).toBe('ok');
    expect(errnoOf('device:dev0', 'openIommufd')).toBe('EPERM');
    expect(errnoOf('vmm:vm0', 'fireMsi')).toBe('ENODEV');
  });

  it('is none without an object of arguments', () => {
    for (const args of [undefined, null, 4, 'fd'])
      expect(complaintOf({ actor: 'vmm:vm0', command: 'openIommufd', args })).toBe(
        'openIommufd: expected arguments',
      );
  });
});
