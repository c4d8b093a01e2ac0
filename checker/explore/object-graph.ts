import type { Context } from '../../model/iommufd/context.ts';
import type { Reserved } from '../../model/iommufd/iopt/table.ts';
import type { ObjectOf, ObjectType } from '../../model/iommufd/objects.ts';
import { contentOf, ofBigint } from './content.ts';
import { ROLE } from './roles.ts';
import type { GraphPen } from './vm-graph.ts';

/** Where an object is drawn. */
export interface Place {
  readonly node: number;
  readonly ctx: number;
  readonly context: Context;
  /** The node of the first IOMMU. */
  readonly firstIommu: number;
}

const CONFIG = { abort: 1, bypass: 2, s1Translate: 3, firstStage: 4, mock: 5 } as const;
const PASID_COMPAT = 8;

/** No numbers of mediated devices. */
const ANY_BYTE = -2;
const LOCKS = -3;

/** What of each kind of object a later answer can depend on. */
const DRAW: {
  readonly [T in ObjectType]: (pen: GraphPen, object: ObjectOf<T>, at: Place) => void;
} = {
  ioas(pen, object, at) {
    const { node, ctx, context } = at;
    const { graph } = pen;
    const { iopt } = object;
    graph.tell(node, Number(iopt.alignment) * 2 + (iopt.hugePagesDisabled ? 1 : 0));
    if (iopt.areas.length > 0) graph.tellPrint(node, contentOf(iopt.areas));
    if (iopt.allowed.length > 0) graph.tellPrint(node, contentOf(iopt.allowed));
    for (const range of iopt.reserved) drawReserved(pen, at, range);
    // The order of an IOAS's HWPTs decides only which automatic one is tried first.
    let rank = 0;
    for (const hwpt of object.hwpts) {
      const each = context.objects[hwpt];
      if (each?.type === 'hwptPaging' && each.autoDomain) pen.refer(node, ROLE.RANK + rank++, ctx, hwpt);
    }
  },
  hwptPaging(pen, object, { node, ctx, firstIommu }) {
    const { graph } = pen;
    const { domain } = object;
    // The rest of the domain follows from its pSMMU and its stage.
    graph.tell(
      node,
      (object.nestParent ? 1 : 0) |
        (object.autoDomain ? 2 : 0) |
        (object.pasidCompat ? 4 : 0) |
        (domain.enforceCoherency ? 8 : 0) |
        (domain.stage === 2 ? 16 : 0) |
        (domain.tracksWrites === true ? 32 : 0),
    );
    // A mock domain is as the device that it was made for.
    if (domain.geometry.pageSizes !== undefined) graph.tellPrint(node, contentOf(domain.geometry));
    if (object.msiPages.length > 0) graph.tellPrint(node, contentOf(object.msiPages));
    if (object.msiCookie !== null) graph.tellPrint(node, ofBigint(object.msiCookie));
    if (object.doorbellsOf !== null) graph.tell(node, object.doorbellsOf);
    if (object.dirty !== undefined) graph.tellPrint(node, contentOf(object.dirty));
    graph.edge(node, ROLE.SMMU, firstIommu + domain.iommu);
    pen.refer(node, ROLE.IOAS, ctx, object.ioas);
    if (object.fault !== null) pen.refer(node, ROLE.FAULT, ctx, object.fault);
  },
  hwptNested(pen, object, { node, ctx, firstIommu }) {
    const { graph } = pen;
    const { domain } = object;
    graph.tellPrint(node, contentOf('ste' in domain ? domain.ste : domain));
    graph.tell(node, CONFIG[domain.config] + (object.pasidCompat ? PASID_COMPAT : 0));
    graph.edge(node, ROLE.SMMU, firstIommu + domain.iommu);
    if (object.viommu !== null) pen.refer(node, ROLE.VIOMMU, ctx, object.viommu);
    pen.refer(node, ROLE.PARENT, ctx, object.parent);
    if (object.fault !== null) pen.refer(node, ROLE.FAULT, ctx, object.fault);
  },
  viommu(pen, object, { node, ctx, context, firstIommu }) {
    const { graph } = pen;
    const parent = context.objects[object.hwpt];
    const sharesTag = parent?.type === 'hwptPaging' && parent.domain.vmid === object.vmid;
    graph.tell(node, object.viommuType * 2 + (sharesTag ? 1 : 0));
    if (object.page !== undefined) graph.tellPrint(node, ofBigint(object.page));
    graph.edge(node, ROLE.SMMU, firstIommu + object.iommu);
    pen.refer(node, ROLE.PARENT, ctx, object.hwpt);
  },
  vdevice(pen, object, { node, ctx }) {
    const { graph } = pen;
    graph.tellPrint(node, ofBigint(object.virtId));
    pen.refer(node, ROLE.VIOMMU, ctx, object.viommu);
    pen.refer(node, ROLE.DEVICE, ctx, object.devId);
  },
  veventq(pen, object, { node, ctx }) {
    const { graph } = pen;
    graph.tell(node, object.eventType);
    graph.tell(node, object.depth);
    graph.tell(node, object.numEvents);
    // Sequence numbers only ever grow by one, and readers compare neighbours: what counts is how far behind the
    // queue's own each of them is.
    for (const { sequence, words, bytes } of object.events) {
      graph.tell(node, object.sequence - sequence);
      graph.tellPrint(node, contentOf(words ?? []));
      if (bytes !== undefined) graph.tell(node, bytes);
    }
    pen.refer(node, ROLE.VIOMMU, ctx, object.viommu);
  },
  device(pen, object, { node, ctx }) {
    if (object.vdevice !== null) pen.refer(node, ROLE.VDEVICE, ctx, object.vdevice);
  },
  fault(pen, object, { node }) {
    const { graph } = pen;
    // Cookies are the lowest that are free: who has which is a fact of the queue alone.
    for (const [rank, { device, requests, by, cookie }] of object.groups.entries()) {
      graph.edge(node, ROLE.RANK + rank, device);
      graph.tell(node, cookie ?? 0);
      if (by !== undefined) graph.tell(node, by);
      graph.tellPrint(node, contentOf(requests));
    }
  },
  access(pen, object, { node, ctx }) {
    const { graph } = pen;
    graph.tell(node, object.mdev);
    graph.tellPrint(node, contentOf(object.pins));
    if (object.anyByte === true) graph.tell(node, ANY_BYTE);
    if (object.locks === true) graph.tell(node, LOCKS);
    if (object.nextPin !== undefined) graph.tell(node, object.nextPin);
    if (object.ioas !== null) pen.refer(node, ROLE.IOAS, ctx, object.ioas);
    if (object.moving?.from != null) pen.refer(node, ROLE.VIOMMU, ctx, object.moving.from);
    if (object.moving?.to != null) pen.refer(node, ROLE.PARENT, ctx, object.moving.to);
  },
  selftest(pen, object, { node, ctx }) {
    pen.refer(node, ROLE.DEVICE, ctx, object.devId);
  },
  hwQueue(pen, object, { node, ctx }) {
    const { graph } = pen;
    graph.tell(node, object.index);
    pen.refer(node, ROLE.VIOMMU, ctx, object.viommu);
    pen.refer(node, ROLE.DEVICE, ctx, object.access);
    if (object.previous !== null) pen.refer(node, ROLE.PARENT, ctx, object.previous);
  },
};

export function drawOwn<T extends ObjectType>(pen: GraphPen, object: ObjectOf<T>, at: Place): void {
  DRAW[object.type as T](pen, object, at);
}

function drawReserved(pen: GraphPen, { node, ctx }: Place, range: Reserved): void {
  const { device, number, span } = ownerOf(range);
  if (device) pen.graph.edge(node, span, number);
  else pen.refer(node, span, ctx, number);
}

/** Who keeps a range, by number, and a hash of the range. */
interface Keeping {
  readonly device: boolean;
  readonly number: number;
  readonly span: number;
}

const keepings = new WeakMap<Reserved, Keeping>();

function ownerOf(range: Reserved): Keeping {
  let keeping = keepings.get(range);
  if (keeping === undefined) {
    const colon = range.owner.indexOf(':');
    keeping = {
      device: range.owner.startsWith('device'),
      number: Number(range.owner.slice(colon + 1)),
      span: contentOf({ start: range.start, last: range.last }).lo,
    };
    keepings.set(range, keeping);
  }
  return keeping;
}
