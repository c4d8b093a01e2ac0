/** Why nothing kills a mutant of the source text, by `nameOf` it (checker/pages/code-mutation.ts). */
export const CODE_SURVIVORS: Readonly<Record<string, string>> = {
  'model/iommufd/drivers/smmuv3.ts: (platform, device) => featuresFor(platform, device).dirtyTr… -> () => undefined':
    'held by test/model/iommufd/smmuv3.test.ts: no pSMMU of the scopes has HTTU, so that the answer is no with the mutant too.',
  'model/iommufd/drivers/smmuv3.ts: false -> true':
    'held by test/model/iommufd/smmuv3.test.ts: only reports tell a window of the kernel from a region of the hardware where both are kept from users.',
  "model/iommufd/drivers/smmuv3.ts: nested?.config === 's1Translate' && rules.smmuDriver.nested… -> nested?.config === 's1Translate' ¦¦ rules.smmuDriver.nested…":
    'held by test/model/iommufd/smmuv3.test.ts: a device that is not coherent is refused more often, and what is refused violates no property.',
  "model/iommufd/drivers/smmuv3.ts: nested?.config === 's1Translate' -> true":
    'held by test/model/iommufd/smmuv3.test.ts: a device that is not coherent is refused more often, and what is refused violates no property.',
  'model/platform/smmu-features.ts: r0.VMID16 === 1 -> false':
    'held by test/model/smmu/features.test.ts: VMIDs run out sooner, and what is refused violates no property.',
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
  'model/smmu/driver/driver.ts: own === null -> false':
    'equivalent: a domain without a VMID is one of stage 1, whose tag is an ASID, and a domain that is gone had nothing to unmap.',
  'model/smmu/driver/ste-invalidation.ts: each.iommu === smmu -> true':
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
  'model/smmu/machine/mappings.ts: byTable === undefined -> true':
    'changes only cost: the table of what was looked up is begun anew each time.',
  'model/smmu/machine/outcomes.ts: !runs.some((run) => includesPage(run, page)) -> true':
    "held by test/model/smmu/machine/atc.test.ts: one more outcome of a device on a stage 1 of the host's, a fault, which harms nobody.",
  'model/smmu/machine/outcomes.ts: asid === null ¦¦ asid === cd.asid -> true':
    "held by test/model/smmu/machine/staleness.test.ts: translations of another ASID of the same guest lead to that guest's memory.",
  'model/smmu/machine/outcomes.ts: holdsTables(world, at) -> false':
    "held by test/model/smmu/machine/staleness.test.ts: a fault of the guest's own that is missing violates nothing.",
  'model/smmu/machine/pending-invalidations.ts: firstTlbi < 0 -> firstTlbi >= 0':
    'held by test/model/smmu/machine/atc.test.ts: the intended driver has the ATC emptied behind all TLB invalidations and does not ask where the first is.',
  'model/smmu/machine/pending-invalidations.ts: !sameState(before.contexts[stream.device], after.contexts[s… -> sameState(before.contexts[stream.device], after.contexts[st…':
    'held by test/model/smmu/machine/atc.test.ts: the ATC is emptied more often than it has to be.',
  'model/smmu/machine/reach.ts: { const { contexts, vmid } = entry; const bypasses = contex… -> {}':
    "held by test/model/smmu/machine/staleness.test.ts: it blinds dma-stays-in-ioas to guests' tables, and a property that sees less is not violated.",
  'model/smmu/machine/settle.ts: guests.length > 0 -> guests.length >= 0':
    'held by test/model/smmu/machine/host.test.ts: a call that the host interrupted ends sooner, so that fewer moments between its pieces are seen.',
  'model/smmu/machine/view-of.ts: (a, b) => sameSource(a, b) && a.machine?.stale === b.machin… -> () => undefined':
    'changes only cost: what caches may hold follows from the world, and is derived anew each time.',
  'model/smmu/machine/view.ts: { const { page, slot } = cdPlace(entry.contexts, index); fo… -> {}':
    "held by test/model/smmu/machine/staleness.test.ts: guests' CDs are never found, and what cannot be reached violates no property.",
  "model/smmu/machine/view.ts: entry.kind === 'stage2' -> false":
    'held by test/model/smmu/machine/atc.test.ts: the ATC of a device on a stage 2 alone holds nothing, and what cannot be reached violates no property.',
  'model/smmu/machine/work.ts: false -> true':
    'held by test/model/smmu/machine/host.test.ts: the next call is interrupted, too, which only adds moments between pieces.',
  'model/smmu/permitted/choices.ts: { const option = plan[taken.length] ?? 0; counts.push(count… -> {}':
    'held by test/model/smmu/permitted/history.test.ts: only a replay under smmu=architecture asks it, and the measurement replays under smmu=qemu-11.',
  'model/smmu/permitted/choices.ts: last < 0 -> last >= 0':
    'held by test/model/smmu/permitted/history.test.ts: it does not return with the mutant.',
  'model/smmu/permitted/configurations.ts: change.smmu === smmu && change.streamId === streamId -> true':
    'held by test/conformance/linux/permitted.test.ts: only a replay under smmu=architecture asks it, and the measurement replays under smmu=qemu-11.',
  'model/smmu/permitted/memory-view.ts: change.address === address -> change.address !== address':
    'held by test/conformance/linux/permitted.test.ts: only a replay under smmu=architecture asks it, and the measurement replays under smmu=qemu-11.',
  'model/smmu/permitted/outcomes.ts: lastUntil <= leafSince -> true':
    'held by test/conformance/linux/permitted.test.ts: only a replay under smmu=architecture asks it, and the measurement replays under smmu=qemu-11.',
  'model/smmu/permitted/stage2-options.ts: { if (usableUntil(history, tagged, gone.until) < since) bre… -> {}':
    'held by test/conformance/linux/permitted.test.ts: only a replay under smmu=architecture asks it, and the measurement replays under smmu=qemu-11.',
  'model/smmu/qemu/smmu.ts: { return { ...smmu, commandQueue: { log2Size: commands, pro… -> {}':
    'held by test/model/smmu/qemu/observations.test.ts: the emulation and its twin stop alike.',
  'model/iommufd/drivers/vtd/compatible.ts: (flags & HWPT_VTD_S1.SRE) !== 0n && !features.supervisorReq… -> false':
    'held by test/model/vtd/features.test.ts: every unit in scalable mode of the vtd scope has SRS.',
  'model/iommufd/drivers/vtd/compatible.ts: (flags & HWPT_VTD_S1.SRE) !== 0n -> (flags & HWPT_VTD_S1.SRE) === 0n':
    'held by test/model/vtd/features.test.ts: every unit in scalable mode of the vtd scope has SRS.',
  'model/iommufd/drivers/vtd/vtd.ts: stage === 1 -> false':
    'held by test/model/vtd/features.test.ts: it takes a mapping between the ends of the two apertures.',
  'model/platform/vtd-features.ts: features === undefined -> true':
    'changes only cost: the features are read off the registers each time, and nothing tells two copies of them apart.',
  'model/platform/vtd-features.ts: !scalable -> scalable':
    'held by test/model/vtd/features.test.ts: a domain that is refused violates no property.',
  'model/platform/vtd-features.ts: e.SC === 1 -> true':
    'held by test/model/vtd/features.test.ts: every unit of the vtd scope has SC.',
  'model/platform/vtd-features.ts: c.PSI === 1 -> false':
    'held by test/model/vtd/features.test.ts: without PSI the driver invalidates more than it has to.',
  'model/iommufd/access.ts: iopt.alignment > kernel.pageSize -> iopt.alignment >= kernel.pageSize':
    'equivalent: where the two are equal, either is the larger one.',
  'model/iommufd/attach.ts: attach.devices.length > 1 -> attach.devices.length >= 1':
    'equivalent: with one device, 0 users are added, and the HWPT that is left still has the reference that the caller gives back.',
  'model/iommufd/dirty.ts: pages.length === 0 -> false':
    'changes only cost: the pages that are noted are the same, written once more in the same order.',
  'model/iommufd/hw-queue.ts: queues.type !== args.type -> false':
    'held by test/model/mock/mock.test.ts: a queue of another type is made where it should be refused, and harms nobody.',
  'model/iommufd/interval.ts: interval.last < next -> interval.last <= next':
    'held by test/model/iommufd/interval.test.ts: it takes a range that begins at the last byte of another.',
  'model/pasid/admission.ts: slice && !hasPasidTable(hardware) -> slice ¦¦ !hasPasidTable(hardware)':
    'held by test/model/pasid/pasid.test.ts: what is refused violates no property.',
  "model/pasid/assign.ts: viommu === 'none' && mechanism !== 'direct' -> viommu === 'none' ¦¦ mechanism !== 'direct'":
    'held by test/model/pasid/pasid.test.ts: what is refused violates no property.',
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
    'equivalent: a world has PASIDs if and only if its platform has them (model/pasid/index.ts).',
  'model/caches/engine.ts: now.length === remembered.length && now.every(({ key }, at)… -> false':
    'changes only cost: what is remembered has the same keys, and an entry follows from its key, but it is another list.',
  'model/caches/pages.ts: first <= run.first -> first > run.first':
    'held by test/model/smmu/machine/pieces.test.ts: an entry that is taken whole is asked for in pieces.',
  'model/caches/pages.ts: run.first === run.last -> false':
    'equivalent: within a run of one page no invalidation begins or ends, so that it comes out whole below, too.',
  'model/caches/pages.ts: wider === null ¦¦ wider.first > run.first ¦¦ wider.last < r… -> true':
    'held by test/model/smmu/machine/pieces.test.ts: an entry that lies in a wider one counts as not held.',
};
