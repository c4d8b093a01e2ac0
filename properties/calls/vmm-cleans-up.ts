import type { World } from '../../model/world/world.ts';
import type { Transition, Violation } from '../property.ts';
import { objectsIn } from './look.ts';
import { type CallsProperty, watchCalls } from './property.ts';

/** The contexts that a call made an end of. */
function* endedBy({ before, world }: Transition): Generator<readonly string[]> {
  for (let ctx = 0; ctx < before.contexts.length; ctx++) {
    const context = before.contexts[ctx] ?? null;
    if (context !== null && openFiles(before, ctx) > 0 && openFiles(world, ctx) === 0)
      yield objectsIn(context);
  }
}

/** Descriptors of an iommufd. */
function openFiles({ files }: World, ctx: number): number {
  return files.reduce(
    (sum, file) => sum + (file?.of.kind === 'iommufd' && file.of.ctx === ctx ? file.refs : 0),
    0,
  );
}

export const vmmCleansUp: CallsProperty = {
  kind: 'calls',
  id: 'vmm-cleans-up',
  sentence:
    'A VMM that ends by itself has destroyed what it made: the kernel has nothing to clear away behind it.',
  source: 'include/uapi/linux/iommufd.h: IOMMU_DESTROY; semantics of VFIO hot-unplug',
  brokenBy: 'leaves-objects',
  watch: () =>
    watchCalls((call, witness): Violation => {
      // What is killed cannot clean up.
      if (call.command.command === 'exit' && call.command.args.killed) return null;
      for (const left of endedBy(call)) {
        witness();
        if (left.length > 0) return `with the last descriptor of its iommufd ${left.join(', ')} went`;
      }
      return null;
    }),
};
