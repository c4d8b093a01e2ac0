import type { World } from '../../model/world/world.ts';
import type { StateProperty } from '../property.ts';

/** What holds a context: its own file, every device that is bound to it, every event queue file of it. */
function holders({ files }: World, ctx: number): number {
  let own = 0;
  let others = 0;
  for (const file of files) {
    const of = file?.of;
    if (of?.kind === 'iommufd' && of.ctx === ctx) own = 1;
    else if ((of?.kind === 'cdev' || of?.kind === 'mdev') && of.bound?.ctx === ctx) others++;
    else if (of?.kind === 'veventq' || of?.kind === 'fault' || of?.kind === 'mockAccess')
      others += of.ctx === ctx ? 1 : 0;
  }
  return own + others;
}

export const contextsAreCounted: StateProperty = {
  id: 'contexts-are-counted',
  sentence:
    'A context has one reference for its open file, one for each bound device, and one for each file of an event queue.',
  source: 'drivers/iommu/iommufd: iommufd_ctx_get(), iommufd_ctx_put(); rule R-4',
  kind: 'state',
  brokenBy: 'fault-queue-put-twice',
  violated(world) {
    for (const [ctx, context] of world.contexts.entries()) {
      if (context === null) continue;
      const held = holders(world, ctx);
      if (held !== context.refs)
        return `context ${ctx} counts ${context.refs} references, and ${held} things hold it`;
    }
    return null;
  },
  witness: (world) => world.contexts.some((context) => context !== null && context.refs > 1),
};
