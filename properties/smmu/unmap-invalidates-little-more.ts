import type { Context } from '../../model/iommufd/context.ts';
import type { Area } from '../../model/iommufd/iopt/table.ts';
import type { HwptPaging } from '../../model/iommufd/objects.ts';
import { idRegistersOf } from '../../model/platform/id-registers.ts';
import type { World } from '../../model/world/world.ts';
import { decode } from '../../spec/bits.ts';
import { cd } from '../../spec/smmuv3/cd.ts';
import { type Command, decodeCommand } from '../../spec/smmuv3/command.ts';
import { idr3 } from '../../spec/smmuv3/id-registers.ts';
import { SteConfig, ste } from '../../spec/smmuv3/ste.ts';
import { hex, objectOf, pagingOf } from '../look.ts';
import { followsCaches } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

const UNMAPS: ReadonlySet<string> = new Set(['ioasUnmap', 'vfioUnmapDma']);

/** From this many pages on everything under a tag goes, where commands name one page each (arm_smmu_inv_size_too_big()). */
const TOO_MANY_PAGES = 512n;

const PAGE_SHIFT = 12n;

/** Pages that an unmap took, both ends in. */
interface Gone {
  readonly first: bigint;
  readonly last: bigint;
}

/** A stream whose domain lost pages, and the tag under which its SMMU holds them, read from its STE and CD. */
interface Affected {
  readonly smmu: number;
  readonly streamId: number;
  readonly vmid: number | null;
  readonly asid: number | null;
  readonly nestParent: boolean;
  readonly gone: readonly Gone[];
}

function pagesOf({ start, last }: Area): Gone {
  return { first: start >> PAGE_SHIFT, last: last >> PAGE_SHIFT };
}

/** What was mapped before and is not any longer, in runs as long as they are. */
function goneOf(before: readonly Area[], after: readonly Area[]): readonly Gone[] {
  const gone: Gone[] = [];
  const add = (first: bigint, last: bigint): void => {
    const previous = gone.at(-1);
    if (first > last) return;
    if (previous !== undefined && previous.last + 1n === first)
      gone[gone.length - 1] = { first: previous.first, last };
    else gone.push({ first, last });
  };
  for (const { first, last } of before.map(pagesOf)) {
    let from = first;
    for (const left of after.map(pagesOf)) {
      if (left.last < from || left.first > last) continue;
      add(from, left.first - 1n);
      from = left.last + 1n;
    }
    add(from, last);
  }
  return gone;
}

function areasOf(world: World, ctx: number, { ioas }: HwptPaging): readonly Area[] {
  const context = world.contexts[ctx];
  return context == null ? [] : (objectOf(context, ioas, 'ioas')?.iopt.areas ?? []);
}

/**
 * The VMID of the vSMMU that a nested HWPT is of; null: it is not nested. An entry that aborts has none, and what was cached
 * under the VMID before it aborted is there still.
 */
function tagOfVsmmu(context: Context, hwpt: number): number | null {
  const viommu = objectOf(context, hwpt, 'hwptNested')?.viommu ?? null;
  return viommu === null ? null : (objectOf(context, viommu, 'viommu')?.vmid ?? null);
}

/** Every stream on a domain of which pages were unmapped. */
function affected({ before, world }: Transition): readonly Affected[] {
  const { machine } = before;
  return before.platform.devices.flatMap(({ group, iommu, streamIds }, device) => {
    const domain = before.groups[group]?.domain;
    const context = domain?.kind === 'hwpt' ? before.contexts[domain.ctx] : null;
    if (machine === null || domain?.kind !== 'hwpt' || context == null) return [];
    const paging = pagingOf(context, domain.hwpt);
    if (paging === null) return [];
    const gone = goneOf(areasOf(before, domain.ctx, paging), areasOf(world, domain.ctx, paging));
    if (gone.length === 0) return [];
    const { nestParent } = paging;
    const tag = tagOfVsmmu(context, domain.hwpt);
    return streamIds.map((streamId): Affected => {
      const entry = decode(ste, machine.driver.streamTables[iommu]?.[streamId] ?? []);
      const own = entry.Config === SteConfig.S1Trans;
      const asid = own ? decode(cd, machine.driver.contexts[device] ?? []).ASID : null;
      return { smmu: iommu, streamId, vmid: own ? null : (tag ?? entry.S2VMID), asid, nestParent, gone };
    });
  });
}

/** The pages that a TLBI by address names. */
function namedBy({ fields }: Command<'TLBI_NH_VA' | 'TLBI_S2_IPA'>): Gone {
  const pages = fields.TG === 0 ? 1n : BigInt(fields.NUM + 1) << BigInt(fields.SCALE);
  const first = fields.Address >> PAGE_SHIFT;
  return { first, last: first + pages - 1n };
}

function isWithin({ first, last }: Gone, runs: readonly Gone[]): boolean {
  return runs.some((run) => run.first <= first && last <= run.last);
}

/** Whether a block of 2^size pages is no larger than the smallest aligned one around a run. */
function isTight(first: bigint, size: number, runs: readonly Gone[]): boolean {
  const block = (page: bigint): bigint => page >> BigInt(size);
  return runs.some(
    (run) =>
      block(run.first) <= block(first) &&
      block(first) <= block(run.last) &&
      (size === 0 || run.first >> BigInt(size - 1) !== run.last >> BigInt(size - 1)),
  );
}

/** Why a command was not needed; null: it was. */
function needless(command: Command, streams: readonly Affected[], byPages: boolean): string | null {
  switch (command.name) {
    case 'SYNC':
      return null;
    case 'TLBI_NH_VA': {
      const { VMID, ASID } = command.fields;
      const own = streams.filter(({ asid }) => VMID === 0 && asid === ASID);
      return outside(`ASID ${ASID}`, command, own);
    }
    case 'TLBI_S2_IPA': {
      const { VMID } = command.fields;
      return outside(
        `VMID ${VMID}`,
        command,
        streams.filter(({ vmid }) => vmid === VMID),
      );
    }
    case 'TLBI_NH_ALL': {
      const { VMID } = command.fields;
      return streams.some(({ vmid, nestParent }) => nestParent && vmid === VMID)
        ? null
        : `everything of VMID ${VMID}, under which nothing is nested on what was unmapped`;
    }
    case 'TLBI_NH_ASID': {
      const { ASID } = command.fields;
      return whole(
        `ASID ${ASID}`,
        streams.filter(({ asid }) => asid === ASID),
        byPages,
      );
    }
    case 'TLBI_S12_VMALL': {
      const { VMID } = command.fields;
      return whole(
        `VMID ${VMID}`,
        streams.filter(({ vmid }) => vmid === VMID),
        byPages,
      );
    }
    case 'ATC_INV': {
      const { StreamID, Address, Size } = command.fields;
      const own = streams.filter(({ streamId }) => streamId === StreamID);
      // Which of a guest's own addresses led to the pages, nobody knows.
      const needed = own.some(
        ({ nestParent, gone }) => nestParent || isTight(Address >> PAGE_SHIFT, Size, gone),
      );
      return needed
        ? null
        : `2^${Size} pages at ${hex(Address)} in the ATC of StreamID ${hex(BigInt(StreamID))}`;
    }
    default:
      return command.name;
  }
}

function outside(
  tag: string,
  command: Command<'TLBI_NH_VA' | 'TLBI_S2_IPA'>,
  streams: readonly Affected[],
): string | null {
  const pages = namedBy(command);
  if (streams.some(({ gone }) => isWithin(pages, gone))) return null;
  return `pages ${hex(pages.first)} to ${hex(pages.last)} of ${tag}`;
}

function whole(tag: string, streams: readonly Affected[], byPages: boolean): string | null {
  const isLarge = streams.some(({ gone }) =>
    gone.some(({ first, last }) => last - first + 1n >= TOO_MANY_PAGES),
  );
  return byPages && isLarge ? null : `everything of ${tag}`;
}

function isUnmap({ before, world, command }: Transition): boolean {
  const { machine } = before;
  // A call that was interrupted does its own invalidations, and what waits for it.
  const alone = machine !== null && machine.work === null && !machine.interrupts;
  return alone && UNMAPS.has(command.command) && before.groups === world.groups;
}

export const unmapInvalidatesLittleMore: StepProperty = {
  id: 'unmap-invalidates-little-more',
  sentence:
    'An unmap invalidates translations of the pages that it took, under the tags of the streams that had them, and no others, unless they are nested or too many to name.',
  source: 'IHI0070 4.4; arm_smmu_domain_inv_range(), arm_smmu_inv_size_too_big(), arm_smmu_atc_inv_to_cmd()',
  kind: 'step',
  appliesTo: followsCaches,
  brokenBy: 'unmap-empties-tag',
  violated(transition) {
    if (!isUnmap(transition)) return null;
    const streams = affected(transition);
    for (const effect of transition.effects) {
      if (effect.kind !== 'smmuCommands' || effect.by !== 'driver') continue;
      const own = streams.filter(({ smmu }) => smmu === effect.iommu);
      const { IDR3 } = idRegistersOf(transition.before.platform.iommus[effect.iommu] as never);
      const byPages = decode(idr3, [BigInt(IDR3)]).RIL === 0;
      for (const words of effect.commands) {
        const command = decodeCommand(words);
        const more = command === undefined ? 'nothing that is known' : needless(command, own, byPages);
        if (more !== null) return `${transition.command.command} invalidates ${more}`;
      }
    }
    return null;
  },
  witness: (transition) => isUnmap(transition) && affected(transition).length > 0,
};
