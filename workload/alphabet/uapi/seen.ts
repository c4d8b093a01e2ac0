import type { Context } from '../../../model/iommufd/context.ts';
import type { Platform } from '../../../model/platform/platform.ts';
import type { World } from '../../../model/world/world.ts';
import { type Descriptors, descriptorsOf, type Ids, idsOf } from '../../sight.ts';

/** A context of a process, its descriptor, and its objects by kind. */
export interface SeenContext extends Ids {
  readonly fd: number;
  readonly ctx: number;
  readonly context: Context;
}

/** What one process has, as far as a next command can be about it. */
export interface Seen extends Descriptors {
  readonly world: World;
  readonly platform: Platform;
  /** Number of the process: commands are kept by it. */
  readonly process: number;
  readonly actor: string;
  readonly contexts: readonly SeenContext[];
}

export function look(world: World, process: number, actor: string): Seen {
  const descriptors = descriptorsOf(world, actor);
  const contexts = descriptors.iommufds.map(({ fd, ctx }): SeenContext => {
    const context = world.contexts[ctx] as Context;
    return { fd, ctx, context, ...idsOf(context.objects) };
  });
  return { world, platform: world.platform, process, actor, contexts, ...descriptors };
}
