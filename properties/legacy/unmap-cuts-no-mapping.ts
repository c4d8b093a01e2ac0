import type { DmaMapping } from '../../model/legacy/machine.ts';
import { hasContainers } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { hex } from './look.ts';

interface Unmapped {
  readonly type: string | null;
  readonly iova: bigint;
  readonly length: bigint;
  readonly gone: readonly DmaMapping[];
  readonly reported: bigint;
}

/** An UNMAP_DMA of a range that was done, and what it took. */
function unmappedBy({ command, result, before, world }: Transition): Unmapped | null {
  if (command.command !== 'containerUnmapDma' || !result.ok || command.args.flags !== 0) return null;
  const { container, iova, length } = command.args;
  const was = before.legacy?.containers[container];
  const is = world.legacy?.containers[container];
  if (was == null || is == null) return null;
  const gone = was.mappings.filter((each) => !is.mappings.some((other) => other.iova === each.iova));
  return { type: was.type, iova, length, gone, reported: BigInt(result.out.length as bigint) };
}

export const unmapCutsNoMapping: StepProperty = {
  id: 'unmap-cuts-no-mapping',
  sentence:
    'UNMAP_DMA unmaps whole mappings and reports their bytes. On a TYPE1v2 or nesting container it unmaps only mappings inside the range.',
  source: 'drivers/vfio/vfio_iommu_type1.c: vfio_dma_do_unmap(), its comment on v1 and v2',
  kind: 'step',
  appliesTo: hasContainers,
  brokenBy: 'v2-unmaps-as-v1',
  violated(transition) {
    const unmap = unmappedBy(transition);
    if (unmap === null) return null;
    const { type, iova, length, gone, reported } = unmap;
    const sum = gone.reduce((total, { size }) => total + size, 0n);
    if (sum !== reported) return `UNMAP_DMA took ${hex(sum)} bytes and told of ${hex(reported)}`;
    if (type === 'type1') return null;
    const outside = gone.find((each) => each.iova < iova || each.iova + each.size > iova + length);
    if (outside === undefined) return null;
    return `UNMAP_DMA of ${hex(length)} bytes at ${hex(iova)} took ${hex(outside.size)} at ${hex(outside.iova)}`;
  },
  witness: (transition) => (unmappedBy(transition)?.gone.length ?? 0) > 0,
};
