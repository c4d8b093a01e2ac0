/** Why nothing can kill a mutant: whatever the rules and the platform are, the model answers as without it. */
export interface Equivalent {
  readonly equivalent: string;
}

/** Why nothing kills a mutant; as text alone, of one that something could kill: under other rules, on another platform, or in a test. */
export type Survival = string | Equivalent;

/** By `nameOf` the mutant of the source text (checker/pages/code-mutation.ts). */
export const CODE_SURVIVORS: Readonly<Record<string, Survival>> = {
  'conformance/hex.ts: index * 8 -> index / 8': {
    equivalent: 'what is written behind the end of a Uint8Array is written nowhere.',
  },
  'conformance/linux/ioctl-codec.ts: words - data.length -> words + data.length': {
    equivalent: 'it adds zeros behind what the array is said to have, which nobody reads.',
  },
  'model/accesses/account.ts: pages.sort((a, b) => (a.va < b.va ? -1 : 1)) -> pages':
    'changes only the order in which a world lists what is pinned: exploration tells more worlds apart.',
  'model/caches/engine.ts: now.length === remembered.length && now.every(({ key }, at)… -> false': {
    equivalent:
      'changes only cost: what is remembered has the same keys, and an entry follows from its key, but it is another list.',
  },
  'model/caches/pages.ts: run.first === run.last -> false': {
    equivalent:
      'within a run of one page no invalidation begins or ends, so that it comes out whole below, too.',
  },
  'model/caches/pages.ts: wider === null ¦¦ wider.first > run.first ¦¦ wider.last < r… -> true':
    'held by test/model/smmu/machine/pieces.test.ts: an entry that lies in a wider one counts as not held.',
  "model/door.ts: typeof args !== 'object' ¦¦ args === null -> typeof args !== 'object' && args === null":
    'held by test/model/actors.test.ts: what is generated has arguments, and so has what a recording makes.',
  'model/host/device.ts: asleep === undefined -> true':
    'held by test/model/host/device.test.ts: no run attaches a device that sleeps, and looks whether it still does.',
  'model/host/rescan.ts: iommuAt(tx, iommu).probed?.refused.includes(device) !== true -> true':
    'equivalent under the intended rules: the driver refuses no device that is found again, which found-again-is-usable says.',
  'model/host/reset.ts: at < devices.length -> at <= devices.length': {
    equivalent: 'behind the last device there is none, and none is being reset.',
  },
  'model/iommufd/access.ts: iopt.alignment > kernel.pageSize -> iopt.alignment >= kernel.pageSize': {
    equivalent: 'where the two are equal, either is the larger one.',
  },
  'model/iommufd/attach.ts: attach.devices.length > 1 -> attach.devices.length >= 1': {
    equivalent:
      'with one device, 0 users are added, and the HWPT that is left still has the reference that the caller gives back.',
  },
  'model/iommufd/dirty.ts: pages.length === 0 -> false': {
    equivalent:
      'changes only cost: the pages that are noted are the same, written once more in the same order.',
  },
  'model/iommufd/drivers/mock.ts: (flags & ~PAGING_FLAGS) !== 0 -> false': {
    equivalent:
      "IOMMU_HWPT_ALLOC itself refuses every other flag before it asks the driver (makePaging), and keeps the one that is no domain's from it.",
  },
  'model/iommufd/drivers/smmuv3.ts: (platform, device) => featuresFor(platform, device).dirtyTr… -> () => undefined':
    'held by test/model/iommufd/smmuv3.test.ts: no pSMMU of the scopes has HTTU, so that the answer is no with the mutant too.',
  'model/iommufd/drivers/smmuv3.ts: false -> true':
    'held by test/model/iommufd/smmuv3.test.ts: only reports tell a window of the kernel from a region of the hardware where both are kept from users.',
  "model/iommufd/drivers/smmuv3.ts: nested?.config === 's1Translate' && rules.smmuDriver.nested… -> nested?.config === 's1Translate' ¦¦ rules.smmuDriver.nested…":
    'held by test/model/iommufd/smmuv3.test.ts: a device that is not coherent is refused more often, and what is refused violates no property.',
  "model/iommufd/drivers/smmuv3.ts: nested?.config === 's1Translate' -> true":
    'held by test/model/iommufd/smmuv3.test.ts: a device that is not coherent is refused more often, and what is refused violates no property.',
  'model/iommufd/drivers/vtd/compatible.ts: (flags & HWPT_VTD_S1.SRE) !== 0n && !features.supervisorReq… -> false':
    'held by test/model/vtd/features.test.ts: every unit in scalable mode of the vtd scope has SRS.',
  'model/iommufd/drivers/vtd/compatible.ts: (flags & HWPT_VTD_S1.SRE) !== 0n -> (flags & HWPT_VTD_S1.SRE) === 0n':
    'held by test/model/vtd/features.test.ts: every unit in scalable mode of the vtd scope has SRS.',
  'model/iommufd/drivers/vtd/vtd.ts: stage === 1 -> false':
    'held by test/model/vtd/features.test.ts: it takes a mapping between the ends of the two apertures.',
  'model/iommufd/faults/answer.ts: pageRequests === null ¦¦ devices.every((device) => pageRequ… -> false': {
    equivalent:
      "changes only cost: what is empty is emptied again, and where page requests are nobody's nothing comes here.",
  },
  'model/iommufd/hw-queue.ts: queues.type !== args.type -> false':
    'held by test/model/mock/mock.test.ts: a queue of another type is made where it should be refused, and harms nobody.',
  'model/iommufd/interval.ts: interval.last < next -> interval.last <= next':
    'held by test/model/iommufd/interval.test.ts: it takes a range that begins at the last byte of another.',
  'model/iommufd/pin-areas.ts: from - area.start -> from + area.start':
    'equivalent: where whole pages are asked for, every area of the IOAS begins at one (withAccess), so that twice its beginning is whole pages, too; elsewhere the unit is a byte.',
  "model/legacy/cookie.ts: kind === 'msi' -> true":
    "held by test/model/legacy/msi.test.ts: doorbells of the kernel's own domain lie elsewhere, and are reached there.",
  'model/legacy/vectors.ts: tx.world.platform.legacy?.groups[group]?.msiVectors ?? 0 -> tx.world.platform.legacy?.groups[group]?.msiVectors && 0':
    'held by test/model/legacy/msi.test.ts: what is refused violates no property.',
  'model/msi/move.ts: ctx === null -> false':
    "equivalent under the intended rules: vectors go with the device's file, and while that is bound a context owns the group.",
  'model/pasid/admission.ts: slice && !hasPasidTable(hardware) -> slice ¦¦ !hasPasidTable(hardware)':
    'held by test/model/pasid/pasid.test.ts: what is refused violates no property.',
  "model/pasid/assign.ts: viommu === 'none' && mechanism !== 'direct' -> viommu === 'none' ¦¦ mechanism !== 'direct'":
    'held by test/model/pasid/pasid.test.ts: what is refused violates no property.',
  'model/pasid/bind.ts: stream.guestTable !== unit -> false': 'held by test/model/pasid/pasid.test.ts.',
  'model/pasid/bind.ts: false -> true':
    "equivalent under the intended rules: a guest's table is given to whole functions only, where requests without PASID are nested; what is bound next nests the stream again, and with its last unit it is emptied.",
  'model/pasid/bind.ts: Math.max(old?.length ?? 0, now?.length ?? 0) -> Math.min(old?.length ?? 0, now?.length ?? 0)':
    'held by test/model/pasid/pasid.test.ts: only the number of descriptors that is told of a shadow changes.',
  'model/pasid/context.ts: pasidBits > MAX_PASID_BITS ¦¦ pasid >= 2 ** pasidBits -> true':
    'held by test/model/pasid/pasid.test.ts: what aborts violates no property.',
  'model/pasid/numbers.ts: now.given.some((each) => each.guest === guest) -> now.given.every(each => each.guest === guest)':
    "held by test/model/pasid/pasid.test.ts: no run gets to a slice whose device is told another PASID than its guest's.",
  'model/pasid/numbers.ts: (each) => each.guest === guest -> () => undefined':
    "held by test/model/pasid/pasid.test.ts: no run gets to a slice whose device is told another PASID than its guest's.",
  'model/pasid/stages.ts: !withPasid -> withPasid':
    'held by test/model/pasid/pasid.test.ts: stage 1 leads where stage 2 would have.',
  'model/pasid/work.ts: platform.pasid === undefined ¦¦ pasids === null -> platform.pasid === undefined && pasids === null':
    {
      equivalent: 'a world has PASIDs if and only if its platform has them (model/pasid/index.ts).',
    },
  'model/platform/smmu-features.ts: r0.VMID16 === 1 -> false':
    'held by test/model/smmu/features.test.ts: VMIDs run out sooner, and what is refused violates no property.',
  'model/platform/vtd-features.ts: features === undefined -> true': {
    equivalent:
      'changes only cost: the features are read off the registers each time, and nothing tells two copies of them apart.',
  },
  'model/platform/vtd-features.ts: !scalable -> scalable':
    'held by test/model/vtd/features.test.ts: a domain that is refused violates no property.',
  'model/platform/vtd-features.ts: e.SC === 1 -> true':
    'held by test/model/vtd/features.test.ts: every unit of the vtd scope has SC.',
  'model/platform/vtd-features.ts: c.PSI === 1 -> false':
    'held by test/model/vtd/features.test.ts: without PSI the driver invalidates more than it has to.',
  'model/smmu/architecture/permission.ts: !neverPrivileged && !writableBelow && !(context.wxn && !rea… -> true':
    'held by test/model/smmu/architecture/permissions.test.ts: DMA of the scopes fetches no instructions.',
  'model/smmu/architecture/rules.ts: false -> true':
    'equivalent: CMDQ_CONS.ERR is UNKNOWN once the error is acknowledged (IHI0070 6.3.27), as overrides/survivors.ts says of the decision point.',
  'model/smmu/architecture/stage2-configuration.ts: entry.S2HA === 1 -> entry.S2HA !== 1':
    'held by test/model/smmu/architecture/permissions.test.ts: without HTTU, which no pSMMU of the scopes has, S2HA counts for nothing.',
  'model/smmu/architecture/stage2.ts: (bits & high.pxn) !== 0 -> (bits & high.pxn) === 0':
    'held by test/model/smmu/architecture/permissions.test.ts: DMA of the scopes fetches no instructions.',
  'model/smmu/architecture/ste.ts: entry.S1Fmt !== S1Fmt.Linear && idr0.CD2L === 0 -> false':
    'held by test/model/smmu/architecture/configuration.test.ts: an STE that the SMMU should refuse is taken, and a guest reaches no more by it.',
  'model/smmu/architecture/stream-table.ts: l1 === undefined -> true':
    'held by test/model/smmu/architecture/stream-table.test.ts: the emulation and its twin refuse alike.',
  'model/smmu/architecture/stream-table.ts: Span === 0 ¦¦ Span > Math.min(LARGEST_SPAN, table.split + 1) -> true':
    'held by test/model/smmu/architecture/stream-table.test.ts: the emulation and its twin refuse alike.',
  'model/smmu/architecture/translate.ts: [BigInt(registers.CR0)] -> []':
    'held by test/model/smmu/architecture/stream-table.test.ts: only tests and vectors begin at registers.',
  'model/smmu/architecture/translate.ts: [BigInt(registers.GBPA)] -> []':
    'held by test/model/smmu/architecture/stream-table.test.ts: only tests and vectors begin at registers.',
  'model/smmu/architecture/translate.ts: decode(cr2, [BigInt(registers.CR2)]).RECINVSID === 1 -> decode(cr2, [BigInt(registers.CR2)]).RECINVSID !== 1':
    'held by test/model/smmu/architecture/stream-table.test.ts: only tests and vectors begin at registers.',
  'model/smmu/driver/driver.ts: commands.length > 0 -> commands.length >= 0':
    'equivalent under the intended rules: every list of commands that the driver issues ends in CMD_SYNC, so that none is empty.',
  'model/smmu/driver/driver.ts: last -> true':
    'equivalent under the intended rules, which flush a tag after its streams have left it: the rule is true there.',
  'model/smmu/driver/driver.ts: own === null -> false': {
    equivalent:
      'a domain without a VMID is one of stage 1, whose tag is an ASID, and a domain that is gone had nothing to unmap.',
  },
  "model/smmu/driver/ste-format.ts: ['SHCFG'] -> []": {
    equivalent:
      'no entry that this driver writes sets SHCFG, so that it is the same whether it counts as used or not.',
  },
  'model/smmu/driver/ste-format.ts: stage1 && S1DSS === S1Dss.Bypass -> stage1 ¦¦ S1DSS === S1Dss.Bypass': {
    equivalent:
      'no entry that this driver writes sets SHCFG, so that it is the same whether it counts as used or not.',
  },
  'model/smmu/driver/ste-invalidation.ts: each.iommu === smmu -> true':
    'held by test/model/smmu/driver/ste-invalidation.test.ts: the intended driver invalidates entry by entry and does not come here.',
  'model/smmu/driver/ste-invalidation.ts: [] -> ["Stryker was here"]':
    'held by test/model/smmu/driver/ste-invalidation.test.ts: the intended driver invalidates entry by entry and does not come here.',
  'model/smmu/emulated/handle.ts: words ?? [] -> words && []':
    'held by test/model/smmu/emulated/emulated.test.ts: the emulation and its twin walk the same memory, so that both miss what was not stored.',
  'model/smmu/machine/covers.ts: entry.ssid !== SubstreamID -> true':
    'held by test/model/smmu/machine/atc.test.ts: an invalidation that takes too little leaves more outcomes, and the guest asked for it itself.',
  'model/smmu/machine/entry-pieces.ts: { ...entry, first, last, out: entry.out + first - entry.fir… -> {}':
    'held by test/model/smmu/machine/pieces.test.ts: no run invalidates a part of a run of pages in an ATC.',
  'model/smmu/machine/event-queue.ts: i === smmu -> i !== smmu':
    'held by test/model/smmu/machine/host.test.ts: an event queue whose state is not kept never overflows, which violates nothing.',
  'model/smmu/machine/guest-memory.ts: inWindow >= 0 && inWindow < WINDOW_PTES -> inWindow >= 0 ¦¦ inWindow < WINDOW_PTES':
    'held by test/model/smmu/machine/guest-memory.test.ts: it takes DMA to one of some pages below the MSI window.',
  "model/smmu/machine/guest-memory.ts: { kind: 'table', entries: put(entries, index, pte) } -> {}":
    'held by test/model/smmu/machine/host.test.ts: what guests write would be lost, and what cannot be reached violates no property.',
  'model/smmu/machine/guest-memory.ts: a.asid === b.asid -> true':
    "held by test/model/smmu/machine/guest-memory.test.ts: a guest's own CD stays as it was, and leads to memory of the same guest.",
  'model/smmu/machine/guest.ts: slot >= CDS_PER_PAGE -> slot > CDS_PER_PAGE':
    'held by test/model/smmu/machine/guest-memory.test.ts: a CD behind the last of a page is one that nothing reads.',
  'model/smmu/machine/mappings.ts: byTable === undefined -> true': {
    equivalent: 'changes only cost: the table of what was looked up is begun anew each time.',
  },
  'model/smmu/machine/outcomes.ts: !runs.some((run) => includesPage(run, page)) -> true':
    "held by test/model/smmu/machine/atc.test.ts: one more outcome of a device on a stage 1 of the host's, a fault, which harms nobody.",
  'model/smmu/machine/outcomes.ts: asid === null ¦¦ asid === cd.asid -> true':
    "held by test/model/smmu/machine/staleness.test.ts: translations of another ASID of the same guest lead to that guest's memory.",
  'model/smmu/machine/settle.ts: guests.length > 0 -> guests.length >= 0':
    'held by test/model/smmu/machine/host.test.ts: a call that the host interrupted ends sooner, so that fewer moments between its pieces are seen.',
  'model/smmu/machine/view-of.ts: (a, b) => sameSource(a, b) && a.machine?.stale === b.machin… -> () => undefined':
    {
      equivalent:
        'changes only cost: what caches may hold follows from the world, and is derived anew each time.',
    },
  'model/smmu/qemu/smmu.ts: { return { ...smmu, commandQueue: { log2Size: commands, pro… -> {}':
    'held by test/model/smmu/qemu/observations.test.ts: the emulation and its twin stop alike.',
  'model/step.ts: !may.includes(command.actor.charAt(0)) -> false':
    'held by test/model/actors.test.ts: nobody gives commands that are not theirs.',
  'model/vfio/lines.ts: errno === null -> true':
    'held by test/model/vfio/lines.test.ts: an eventfd that is taken where it should be refused harms nobody.',
  'model/vfio/pasid.ts: a - b -> a + b':
    'changes only the order in which a world lists the PASIDs of a device: exploration tells more worlds apart.',
  'model/vmm/doorbell.ts: vm === name -> true':
    'equivalent on the platforms there are: of the virtual machines that one has, interrupts of all are followed, or of none.',
  "model/vmm/driver-info.ts: typeof info === 'string' -> false": {
    equivalent: 'no driver refuses to tell of its IOMMU by the default type.',
  },
  'model/vmm/events.ts: left-- -> left++': {
    equivalent:
      'indices are cut to those of the queue (ringOf), so that the walk meets PROD before the count is out.',
  },
  'model/vmm/memory.ts: first === last -> true':
    'held by test/model/vmm/memory.test.ts: what a guest cleared and still has violates nothing.',
  'model/vmm/plug.ts: vsid < 0 ¦¦ vsid >= 2 ** bits -> vsid < 0 && vsid >= 2 ** bits':
    'held by test/model/vmm/life.test.ts: a StreamID that no guest can name violates nothing.',
  "model/vmm/queue.ts: typeof fields.StreamID !== 'number' -> false":
    'equivalent under the intended rules: a command without a StreamID names no device behind the vSMMU, so that every vIOMMU is meant then, too.',
  'model/vtd/driver/context-update.ts: index === 0 -> true': {
    equivalent:
      'bit 0 is set in no other word of an entry that the driver clears, and hardware looks at none of them once P is clear (VT-d 9.3).',
  },
  'model/vtd/driver/domain-ids.ts: length > 0 -> length <= 0': {
    equivalent:
      'changes only cost: free ids at the end of the list are kept as free ones, and are given out in the same order.',
  },
  'model/vmm/ste-place.ts: vsid < 0 ¦¦ vsid >= 2 ** table.log2Size -> false':
    'held by test/model/vmm/memory.test.ts: guests that are generated name no StreamID that their tables are too short for.',
  'model/vtd/driver/flush.ts: mask > features.largestMask -> false':
    'held by test/model/vtd/covers.test.ts: what a unit does with a mask that it cannot take is not followed.',
  'model/vtd/driver/legality.ts: found === undefined -> true': {
    equivalent: 'changes only cost: what a unit can do is read off its registers each time.',
  },
  'model/vtd/driver/unmap.ts: { return target.nested === null && sameRef(target.ref, ref)… -> {}':
    'equivalent under the intended rules, where a nesting parent has a batch and nobody asks whether a device is on it itself.',
  'model/vtd/driver/unmap.ts: target.nested === null && sameRef(target.ref, ref) -> false':
    'equivalent under the intended rules, where a nesting parent has a batch and nobody asks whether a device is on it itself.',
  'model/vtd/machine/covers.ts: platform.devices[entry.device]?.streamIds.some(names) === t… -> true':
    'held by test/model/vtd/covers.test.ts: an invalidation that takes too much leaves less that could be stale.',
  "model/vtd/machine/covers.ts: entry.cache === 'context' && isHere(entry.device) -> true":
    'held by test/model/vtd/covers.test.ts: the driver flushes no context entries by domain.',
  "model/vtd/machine/covers.ts: entry.cache === 'devtlb' && entry.pasid === 0 -> entry.cache === 'devtlb' ¦¦ entry.pasid === 0":
    'held by test/model/vtd/covers.test.ts: an invalidation that takes too much leaves less that could be stale.',
  'model/vtd/machine/entry-pieces.ts: a.nested === b.nested -> true':
    'held by test/model/vtd/covers.test.ts: nested translations have domain ids of their own.',
  'model/vtd/machine/view-of.ts: [] -> ["Stryker was here"]': {
    equivalent: 'it is asked of worlds with VT-d units only, and these have a list.',
  },
  'model/world/text.ts: why !== null -> false':
    'held by test/model/world/text.test.ts: it is about states that no step makes.',
  "model/smmu/driver/ste-format.ts: ['S2S'] -> []":
    'it takes a device with ATS behind an SMMU that must stall: the one of the stalling scope has none.',
  'model/smmu/machine/reach.ts: index < contexts -> true':
    'what is looked at too much has the same VMID, and leads to memory of the same guest.',
  'model/smmu/architecture/descriptor.ts: word !== undefined -> true':
    'it takes tables of the other endianness that lead out of RAM, and no SMMU of the scopes has both (IDR0.TTENDIAN).',
  'model/smmu/permitted/configurations.ts: option?.stale === true -> option?.stale !== true':
    'held by test/model/smmu/permitted/outcomes.test.ts: no recording meets a fault while a CD is fetched.',
  'model/smmu/permitted/history.ts: !written.has(entry) -> written.has(entry)':
    'held by test/model/smmu/permitted/history.test.ts: no recorded SMMU uses an STE that was written over.',
  "model/smmu/permitted/outcomes.ts: case 'silent': return 'silent'; -> case 'silent':": {
    equivalent: "the key of silence is another, and still nobody else's.",
  },
  'model/smmu/permitted/outcomes.ts: [bypass(withOverrides(incoming, configuration.overrides), i… -> []':
    'held by test/model/smmu/permitted/outcomes.test.ts: no stream of the recordings is bypassed.',
  'model/smmu/permitted/outcomes.ts: !write ¦¦ leaf.write -> !write && leaf.write':
    'no recording meets a mapping of a stage-1 domain that is gone.',
  "model/smmu/permitted/stage2-options.ts: b.kind === 'leaf' && a.output === b.output && a.read === b.… -> false":
    {
      equivalent:
        'changes only cost: an option that is there twice leads to an outcome that is there twice, and is given once (keyOf).',
    },
  'model/smmu/permitted/stage2-options.ts: a.write === b.write -> a.write !== b.write': {
    equivalent:
      'only the address of a leaf counts that the request may use: one that is kept or left out has the same.',
  },
  'model/smmu/qemu/command.ts: S1P === 0 -> false':
    'it takes an SMMU without stage 1 under the rules of QEMU: under others the command is judged before (judgesCommands).',
  'model/vtd/architecture/context.ts: !rules.contextFeaturesAreChecked -> true':
    'held by test/model/vtd/architecture/walks.test.ts: the recorded unit has what its entries ask for.',
  'model/vtd/architecture/pasid-table.ts: PGTT === Pgtt.Nested -> false':
    'held by test/model/vtd/architecture/walks.test.ts: QEMU does not emulate nested translation.',
  'model/vtd/architecture/unit.ts: e.EAFS === 1 -> false':
    'held by test/model/vtd/architecture/walks.test.ts: no emulated unit has EAFS.',
  "model/vtd/architecture/walk.ts: found.kind === 'leaf' -> true":
    'held by test/model/vtd/architecture/walks.test.ts: QEMU does not emulate nested translation.',
  'model/vtd/architecture/walk.ts: { address, write, privileged } -> {}':
    'held by test/model/vtd/architecture/walks.test.ts: QEMU does not emulate nested translation.',
  'model/vtd/qemu/invalidate.ts: mask > LARGEST_MASK -> false':
    'held by test/model/vtd/emulated/queue.test.ts: no recorded descriptor has more pages than the unit takes.',
  'model/world/memory/memory.ts: size === PAGE_BYTES && byte === 0 -> size === PAGE_BYTES ¦¦ byte === 0':
    'held by test/model/world/memory.test.ts: recordings fill whole pages with zeros before they are written.',
  'model/world/memory/memory.ts: true -> false':
    'changes only how often two orders of a recording are taken for one: pages that were written alike count as different.',
  "model/world/text.ts: why.startsWith('[') -> why.endsWith('[')":
    'held by test/model/world/text.test.ts: it is about states that no step makes.',
  'model/world/text.ts: kind !== Object.prototype && kind !== null -> kind !== Object.prototype ¦¦ kind !== null':
    'held by test/checker/random/total.test.ts, which alone asks whether states are canonical.',
  "model/pasid/configuration.ts: hardware.nestingAttribute === 'stream' && forms.includes('n… -> hardware.nestingAttribute === 'stream' ¦¦ forms.includes('n…":
    'it takes hardware that says once for a stream that stage 1 is nested, and has requests that can go through a first stage but not through a nested one: no description has it (spec/pasid/descriptions.ts).',
  'model/msi/move.ts: message === undefined -> false':
    'the host moves no interrupt of a vector that there is not, and the intended message keeps its address.',
};
