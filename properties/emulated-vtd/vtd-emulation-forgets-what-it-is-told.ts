import type { QemuIotlbEntry } from '../../model/vtd/qemu/unit.ts';
import {
  ContextGranularity,
  decodeDescriptor,
  IotlbGranularity,
  PasidIotlbGranularity,
} from '../../spec/vtd/descriptor.ts';
import { hex } from '../look.ts';
import { hasEmulatedVtd } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

const DESCRIPTOR_WORDS = 4;
const PAGE_BITS = 12n;
const LEVEL_BITS = 9n;

/** Descriptors that the queue has taken in a step. */
function executed({ command, result }: Transition): readonly (readonly bigint[])[] {
  if (!result.ok || (command.command !== 'vtdDescriptors' && command.command !== 'vtdWrite')) return [];
  const words = (result.out.executed ?? []) as readonly bigint[];
  return Array.from({ length: words.length / DESCRIPTOR_WORDS }, (_, at) =>
    words.slice(DESCRIPTOR_WORDS * at, DESCRIPTOR_WORDS * (at + 1)),
  );
}

/** Whether a cached translation has a page among 2^`mask` ones from `address` on, rounded down to a multiple of that. */
function overlaps({ page, level }: QemuIotlbEntry, address: bigint, mask: number): boolean {
  const own = { first: page, end: page + (1n << (LEVEL_BITS * BigInt(level - 1))) };
  const first = ((address >> PAGE_BITS) >> BigInt(mask)) << BigInt(mask);
  return own.first < first + (1n << BigInt(mask)) && first < own.end;
}

/** Whether a descriptor says that a cached translation is to go; of a first stage's that says less than a unit may do. */
function covers(words: readonly bigint[], entry: QemuIotlbEntry): boolean {
  const descriptor = decodeDescriptor(words);
  if (descriptor?.name === 'IOTLB') {
    const { G, DID, ADDR, AM } = descriptor.fields;
    if (G === IotlbGranularity.Global) return true;
    if (entry.domainId !== DID) return false;
    return G === IotlbGranularity.Domain || (!entry.firstStage && overlaps(entry, ADDR, AM));
  }
  if (descriptor?.name === 'PASID_IOTLB') {
    const { G, DID, PASID, ADDR, AM } = descriptor.fields;
    if (PASID !== 0 || !entry.firstStage || entry.domainId !== DID) return false;
    return G === PasidIotlbGranularity.All || overlaps(entry, ADDR, AM);
  }
  return false;
}

/** Whether a descriptor says that every context entry is to go. */
function coversContexts(words: readonly bigint[]): boolean {
  const descriptor = decodeDescriptor(words);
  return descriptor?.name === 'CONTEXT_CACHE' && descriptor.fields.G === ContextGranularity.Global;
}

export const vtdEmulationForgetsWhatItIsTold: StepProperty = {
  id: 'vtd-emulation-forgets-what-it-is-told',
  sentence: 'What a descriptor says is to be invalidated an emulated VT-d unit does not keep in its caches.',
  source: 'VT-d 6.5.2',
  kind: 'step',
  appliesTo: hasEmulatedVtd,
  brokenBy: 'vtd-large-page-outlives-its-parts',
  violated(transition) {
    const { emulatedVtd } = transition.world;
    if (emulatedVtd === null) return null;
    const { iotlb, contexts } = emulatedVtd.vtd;
    for (const words of executed(transition)) {
      const kept = Object.values(iotlb).find((entry) => covers(words, entry));
      if (kept !== undefined)
        return `the translation of ${hex(kept.page << PAGE_BITS)} with domain id ${kept.domainId} is still cached`;
      const [source] = coversContexts(words) ? Object.keys(contexts) : [];
      if (source !== undefined) return `the context entry of ${hex(BigInt(source))} is still cached`;
    }
    return null;
  },
  witness(transition) {
    const { emulatedVtd } = transition.before;
    if (emulatedVtd === null) return false;
    const cached = Object.values(emulatedVtd.vtd.iotlb);
    return executed(transition).some((words) => cached.some((entry) => covers(words, entry)));
  },
};
