import { table } from '../table.ts';

export const IOMMUFD_MUTANTS = table({
  /** Shows that reference counts and teardown are really looked at. */
  'detach-keeps-reference': {
    kind: 'mutant',
    summary: 'a detach does not drop its reference to the HWPT',
    source: 'no such bug is known',
    rules: { iommufd: { detachReturnsReference: false } },
  },
  /** Shows that it is looked at what a mapping leads to. */
  'copy-starts-at-area': {
    kind: 'mutant',
    summary: 'a copy from the middle of an area gives the memory from its beginning on',
    source: 'no such bug is known',
    rules: { iommufd: { copyKeepsOffset: false } },
  },
  /** Shows that the reuse of ids is really looked at. */
  'tombstone-reused': {
    kind: 'mutant',
    summary: 'an id that an unbound device left reserved is given to another object',
    source: 'no such bug is known',
    rules: { iommufd: { tombstoneIsFree: true } },
  },
  /** Shows that overlaps in the IOVA space are really looked at. */
  'reserve-ignores-use': {
    kind: 'mutant',
    summary: 'a range can be reserved although areas or allowed ranges use it',
    source: 'no such bug is known',
    rules: { iommufd: { reserveChecksUse: false } },
  },
  /** Shows that agreement on the pSMMU is really looked at. */
  'vdevice-on-foreign-psmmu': {
    kind: 'mutant',
    summary: 'a device can get a vDEVICE on a vIOMMU of another pSMMU',
    source: 'no such bug is known',
    rules: { iommufd: { vdeviceChecksIommu: false } },
  },
  /** Shows that the order of vDEVICE and attach is really looked at. */
  'translate-without-vdevice': {
    kind: 'mutant',
    summary: 'a translating nested HWPT can be attached without a vDEVICE',
    source: 'no such bug is known',
    rules: { iommufd: { nestedAttachNeedsVdevice: () => false } },
  },
  /** Shows that virtual StreamIDs are really looked at. */
  'virt-id-given-twice': {
    kind: 'mutant',
    summary: 'a virtual StreamID can stand for two devices of a vIOMMU',
    source: 'no such bug is known',
    rules: { iommufd: { virtIdIsUnique: false } },
  },
  /** Shows that it is really looked at whose page requests are answered. */
  'leaving-answers-for-others': {
    kind: 'mutant',
    summary: 'a device that leaves an HWPT has the page requests of all devices on it answered',
    source: 'made up, to break page-responses-are-asked-for',
    rules: { pageRequests: { leavingAnswersOwnOnly: false } },
  },
  /** Shows that what poll() says is really looked at. */
  'poll-sleeps-on': {
    kind: 'mutant',
    summary: 'poll() of an event queue never says that there is something to read',
    source: 'made up, to break poll-tells-what-waits',
    rules: { iommufd: { pollSeesWhatWaits: false } },
  },
  /** Shows that the attachment of groups is really looked at. */
  'group-member-elsewhere': {
    kind: 'mutant',
    summary: 'a device of a group can be attached to another HWPT than the rest of the group',
    source: 'no such bug is known',
    rules: { iommufd: { groupSharesHwpt: false } },
  },
  /** Shows that lost events are really looked at. */
  'loss-not-recorded': {
    kind: 'mutant',
    summary: 'an event lost to a full vEVENTQ leaves no header',
    source: 'no such bug is known',
    rules: { iommufd: { veventqRecordsLoss: false } },
  },
  /** Shows that the routing of events is really looked at. */
  'stage2-faults-to-guest': {
    kind: 'mutant',
    summary: 'stage-2 faults are reported to the guest',
    source: 'no such bug is known',
    rules: { smmuDriver: { stage2FaultsStayWithHost: false } },
  },
  /** Shows that contexts are really compared. */
  'group-owner-not-exclusive': {
    kind: 'mutant',
    summary: 'two contexts can bind devices of one IOMMU group',
    source: 'no such bug is known',
    rules: { iommufd: { groupOwnerIsExclusive: false } },
  },
});
