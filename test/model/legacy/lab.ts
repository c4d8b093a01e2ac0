import { bootWorld } from '../../../model/boot.ts';
import { type ArgValue, resolveCall } from '../../../model/call.ts';
import { intended, type Rules } from '../../../model/rules.ts';
import { step } from '../../../model/step.ts';
import type { CommandName } from '../../../model/world/command.ts';
import type { Out } from '../../../model/world/result.ts';
import type { World } from '../../../model/world/world.ts';
import { container } from '../../../workload/scopes/container.ts';
import type { Scope } from '../../../workload/scopes/scope.ts';

/** Groups of the scope `container`, by what they are behind. */
export const GROUP = { smmu: 0, sameSmmu: 1, stage1Only: 2, secondLevel: 3 } as const;

export const MEMORY = 0x7f00_0000_0000n;
export const PAGE = 0x1_0000n;

/** Whoever may give a command: the process, a device of the group, or the host. */
function actorOf(command: CommandName): string {
  if (command === 'legacyDma') return 'device:nic1';
  return command.startsWith('host') ? 'host' : 'vmm:vm0';
}

/** A process with old containers. */
export class Lab {
  world: World;
  readonly #rules: Rules;

  constructor(rules: Rules = intended, { platform }: Scope = container) {
    this.world = bootWorld(platform);
    this.#rules = rules;
  }

  /** The answer: an errno's name, or what was given back. */
  do(
    command: CommandName,
    args: Readonly<Record<string, ArgValue>> = {},
    actor = actorOf(command),
  ): string | Out {
    const { world, result } = step(this.world, resolveCall({ actor, command, args }, {}), this.#rules);
    if (!result.ok) expectSame(world, this.world);
    this.world = world;
    return result.ok ? result.out : result.errno;
  }

  /** A container of some type with these groups in it. */
  start(type: number, ...groups: readonly number[]): void {
    this.do('containerOpen');
    for (const group of groups) {
      this.do('groupOpen', { group });
      this.do('groupSetContainer', { group });
    }
    this.do('containerSetIommu', { type });
  }

  /** A device of a group, opened, with its first vectors on: what SET_IRQS says. */
  vectors(group: number, device: string, count = 1): string | Out {
    this.do('groupGetDevice', { group, device });
    return this.do('groupSetIrqs', { group, device, count });
  }

  /** Where the MSI of a vector ends, and with which data; null: nowhere. */
  fire(device: string, vector = 0): readonly [bigint | null, number] {
    const out = this.do('fireMsi', { vector }, `device:${device}`) as Out;
    const [address = null] = out.addresses as readonly bigint[];
    return [address, out.value as number];
  }

  map(iova: bigint, length: bigint, vaddr = MEMORY): string | Out {
    return this.do('containerMapDma', { flags: 3, vaddr, iova, length });
  }

  unmap(iova: bigint, length: bigint): string | Out {
    return this.do('containerUnmapDma', { iova, length });
  }

  dma(group: number, iova: bigint): string | Out {
    return this.do('legacyDma', { group, iova });
  }
}

function expectSame(after: World, before: World): void {
  if (after !== before) throw new Error('a refused command changed the world');
}
