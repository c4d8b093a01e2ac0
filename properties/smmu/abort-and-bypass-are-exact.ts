import { includesPage, outputOf } from '../../model/caches/pages.ts';
import { attachmentOf } from '../../model/smmu/driver/domains.ts';
import { addressOf, pageOf, runsOfDomain } from '../../model/smmu/machine/mappings.ts';
import { IPA_PAGES } from '../../model/smmu/machine/view.ts';
import { hex } from '../look.ts';
import { followsCaches } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

/** The addresses that a DMA can have reached, and those that the stream's attachment says; null where it says nothing. */
function reached({ before, command, result }: Transition) {
  if (command.command !== 'dma' || !result.ok) return null;
  const { platform, machine } = before;
  // While an entry is being written it is one of two.
  if (machine === null || machine.work !== null) return null;
  const device = platform.devices.find(({ id }) => command.actor === `device:${id}`);
  const attachment = attachmentOf(before, device?.group ?? -1);
  const real = result.out.addresses as readonly bigint[];
  const registers = machine.registers[device?.iommu ?? -1];
  if (registers?.enabled === false) {
    const passes = !registers.aborts && !command.args.translated && pageOf(command.args.iova) < IPA_PAGES;
    return { real, expected: passes ? [command.args.iova] : [], aborts: true };
  }
  if (attachment.kind === 'abort' || attachment.nested?.config === 'abort')
    return { real, expected: [] as readonly bigint[], aborts: true };
  const { iova, write, ssv, translated } = command.args;
  if (attachment.nested?.config !== 'bypass' || ssv || translated) return null;
  const page = pageOf(iova);
  const run = runsOfDomain(before, attachment.ref).find((each) => includesPage(each, page));
  if (run === undefined || !(write ? run.write : run.read)) return { real, expected: [], aborts: false };
  return { real, expected: [addressOf(outputOf(run, page)) | (iova & 0xfffn)], aborts: false };
}

export const abortAndBypassAreExact: StepProperty = {
  id: 'abort-and-bypass-are-exact',
  sentence:
    'An aborting stream reaches nothing and records no event. A stream that bypasses stage 1 reaches exactly what its IOAS maps. A disabled pSMMU does what GBPA says.',
  source: 'IHI0070 5.2 (STE.Config); include/uapi/linux/iommufd.h: struct iommu_hwpt_arm_smmuv3',
  kind: 'step',
  brokenBy: 'attach-without-cfgi',
  appliesTo: followsCaches,
  violated(transition) {
    const dma = reached(transition);
    if (dma === null) return null;
    const { real, expected, aborts } = dma;
    const events = transition.result.out.events as readonly bigint[];
    if (aborts && events.length > 0) return 'a stream that aborts recorded an event';
    if (real.length === expected.length && real.every((address, i) => address === expected[i])) return null;
    return `DMA may reach ${real.map(hex).join(', ') || 'nothing'}, not ${expected.map(hex).join(', ') || 'nothing'}`;
  },
  witness: (transition) => (reached(transition)?.expected.length ?? 0) > 0,
};
