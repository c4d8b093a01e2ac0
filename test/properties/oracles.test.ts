import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize, relative } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/committed.ts';

/*
 * An oracle knows the truth from somewhere else than what it judges. Here are the modules of the model whose code properties
 * run, by the import graph, and why each may be shared:
 *
 *   reads      looks things up in a world, or compares them; decides nothing
 *   document   what a document says of registers, words and places, held by tests of its own
 *   hardware   what hardware does, which the property takes as given: it judges the software that drives it. Held by
 *              vectors, recordings or an oracle of its own in the tests
 *   replays    takes steps itself, to see where a world can still go
 *   plan       what the driver was to do, in a property about the order in which it does it
 */
const SHARED: Readonly<Record<string, readonly [kind: Kind, why: string]>> = {
  'model/accesses/holdings.ts': ['reads', 'which pages an access holds'],
  'model/boot.ts': ['replays', 'the first world of a platform, to which a teardown has to lead back'],
  'model/caches/pages.ts': ['hardware', 'arithmetic of pages in caches'],
  'model/call.ts': ['replays', 'resolves the names of the calls that a teardown makes'],
  'model/host/device.ts': ['document', 'what a device is like that nobody uses'],
  'model/iommufd/access.ts': ['reads', 'the pins of the accesses of an IOAS'],
  'model/iommufd/drivers/registry.ts': ['reads', 'which driver a device has'],
  'model/iommufd/drivers/smmuv3.ts': ['document', "the window in which Linux's driver places doorbells"],
  'model/iommufd/interval.ts': ['document', 'arithmetic of ranges; held against a list of single addresses'],
  'model/iommufd/mock-state.ts': ['document', 'who owns the ranges that a test reserves'],
  'model/iommufd/sw-msi/place.ts': ['reads', 'where a doorbell is mapped, by the number that it was given'],
  'model/iommufd/veventq.ts': ['document', 'the bytes of an event header'],
  'model/legacy/access.ts': ['reads', 'the part of a world that containers are'],
  'model/legacy/cookie.ts': ['reads', 'where a doorbell is mapped, by the number that it was given'],
  'model/legacy/machine.ts': ['reads', 'the mappings of a container; which IOMMU a group has'],
  'model/legacy/prepare.ts': ['reads', 'the number of a group'],
  'model/legacy/reach.ts': ['hardware', 'where requests of a device in a container end'],
  'model/legacy/regions.ts': ['document', 'reserved regions of the machine'],
  'model/msi/fire.ts': ['hardware', 'where the write of an MSI ends'],
  'model/pasid/context.ts': ['document', 'the tables that a guest wrote, read as VT-d 9.6 says'],
  'model/pasid/machine.ts': ['reads', 'whose a page of memory is; whether two tables are the same'],
  'model/pasid/reach.ts': ['hardware', 'where requests with a PASID end'],
  'model/pasid/shadow.ts': ['document', 'guest table after host table: what a shadow has to equal'],
  'model/platform/doorbell.ts': ['document', 'where the doorbells of the machine are'],
  'model/platform/id-registers.ts': ['document', 'ID registers of a pSMMU'],
  'model/platform/pasid.ts': ['document', 'which units of the machine have PASIDs'],
  'model/platform/smmu-features.ts': ['document', 'ID registers of a pSMMU as features'],
  'model/platform/vtd-features.ts': ['document', 'CAP and ECAP as features'],
  'model/smmu/architecture/context.ts': ['hardware', 'which CD a SubstreamID chooses; held by vectors'],
  'model/smmu/architecture/report.ts': ['hardware', 'the words of an event; held by vectors'],
  'model/smmu/architecture/rules.ts': [
    'hardware',
    'the architecture itself, whatever rules the judged system has',
  ],
  'model/smmu/architecture/ste.ts': ['hardware', 'what an STE means; held by vectors'],
  'model/smmu/architecture/translate.ts': ['hardware', 'what a walk gives; held by vectors'],
  'model/smmu/driver/cd.ts': ['plan', 'the words between which a CD is changed'],
  'model/smmu/driver/domains.ts': [
    'reads',
    'which domain a stream is meant to be on, from the objects of iommufd',
  ],
  'model/smmu/driver/entry-update.ts': [
    'plan',
    'whether an update needs no break, by the fields that it changes',
  ],
  'model/smmu/driver/ste.ts': ['document', 'an STE that aborts'],
  'model/smmu/emulated/handle.ts': [
    'replays',
    'asks the emulated SMMU and its twin; which of them is right is the question',
  ],
  'model/platform/guest-memory.ts': ['reads', 'how the words of the emulated machine are kept'],
  'model/smmu/machine/dma.ts': ['hardware', 'which stream a request is of'],
  'model/smmu/machine/entry-pieces.ts': ['hardware', 'pages of cached translations'],
  'model/smmu/machine/hardware.ts': ['hardware', 'the machine after a write'],
  'model/smmu/machine/mappings.ts': ['reads', 'what an IOAS maps, and whose memory that is'],
  'model/smmu/machine/outcomes.ts': ['hardware', 'all that a request can meet; held by recordings of DMA'],
  'model/smmu/machine/reach.ts': ['hardware', 'what caches and tables let a stream reach'],
  'model/smmu/machine/stream-entry.ts': ['hardware', 'what an STE means to the caches'],
  'model/smmu/machine/streams.ts': ['reads', 'the streams of a platform'],
  'model/smmu/machine/view-of.ts': ['hardware', 'tables and caches at a moment'],
  'model/smmu/machine/view.ts': ['hardware', 'tables and caches at a moment'],
  'model/step.ts': ['replays', 'tries calls in a world, for what may still be possible'],
  'model/vmm/control.ts': ['document', 'register names of a vSMMU'],
  'model/vmm/iommufd.ts': ['reads', 'whether an address is RAM of the guest'],
  'model/vmm/queue.ts': ['document', 'CMDQ_CONS.ERR against GERROR and GERRORN'],
  'model/vmm/ring.ts': ['document', 'indices and wrap bits of a queue (IHI0070 3.5)'],
  'model/vmm/stream.ts': ['reads', 'the STE of a stream in the memory of its guest'],
  'model/vmm/vm.ts': ['document', 'GBPA after reset'],
  'model/vtd/architecture/rules.ts': [
    'hardware',
    'what the specification says, beside what a design departs in; its walk is held by vectors',
  ],
  'model/vtd/architecture/translate.ts': ['hardware', 'what a walk gives; held by vectors'],
  'model/vtd/architecture/unit.ts': ['document', 'CAP and ECAP as the walk that is judged reads them'],
  'model/vtd/driver/entries.ts': ['document', 'a PASID table entry that is not there'],
  'model/vtd/driver/layout.ts': ['reads', 'which domain has its tables at an address'],
  'model/vtd/driver/probe.ts': ['document', 'CAP and ECAP of the unit in front of a device'],
  'model/vtd/driver/targets.ts': [
    'reads',
    'which domain a device is meant to be on, from the objects of iommufd',
  ],
  'model/vtd/driver/translation.ts': ['document', 'what a PASID table entry means (VT-d 9.6)'],
  'model/vtd/machine/reach.ts': ['hardware', 'what caches and tables let a device reach'],
  'model/vtd/machine/view-of.ts': ['hardware', 'tables and caches at a moment'],
  'model/vtd/machine/view.ts': ['hardware', 'tables and caches at a moment'],
  'model/world/command.ts': ['document', 'which commands are ioctls'],
  'model/world/equal.ts': ['reads', 'whether two pieces of state are the same'],
  'model/world/files.ts': ['reads', 'the file behind a descriptor'],
  'model/world/process.ts': ['reads', 'the process of an actor'],
};

type Kind = 'reads' | 'document' | 'hardware' | 'replays' | 'plan';

/** The modules of this tree whose values a module uses; types are no code. */
async function usedBy(path: string): Promise<readonly string[]> {
  const source = ts.createSourceFile(path, await readFile(join(ROOT, path), 'utf8'), ts.ScriptTarget.Latest);
  return source.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
    const { importClause } = statement;
    if (importClause === undefined || importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return [];
    const named = importClause.namedBindings;
    if (
      named !== undefined &&
      ts.isNamedImports(named) &&
      named.elements.every(({ isTypeOnly }) => isTypeOnly)
    )
      return [];
    const { text } = statement.moduleSpecifier;
    return text.startsWith('.') ? [normalize(join(dirname(path), text))] : [];
  });
}

describe('the modules that properties share with the model', async () => {
  const names = await readdir(join(ROOT, 'properties'), { recursive: true });
  const paths = names.filter((name) => name.endsWith('.ts')).map((name) => join('properties', name));
  const shared = new Set<string>();
  for (const path of paths)
    for (const used of await usedBy(path)) if (used.startsWith('model/')) shared.add(relative('', used));

  it('are listed, each with the reason why an oracle may use it', () => {
    expect([...shared].sort()).toEqual(Object.keys(SHARED).sort());
  });

  it('are none that decide what a driver or a VMM does with a call', () => {
    const deciding = [...shared].filter((path) =>
      /\/(attach|detach|flush|destroy|invalidate|plug)\.ts$/.test(path),
    );
    expect(deciding).toEqual([]);
  });
});
