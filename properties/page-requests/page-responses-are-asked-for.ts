import type { PageRequest } from '../../model/iommufd/faults/waiting.ts';
import type { World } from '../../model/world/world.ts';
import { PAGE_RESPONSE } from '../../spec/iommufd/page-faults.ts';
import { makesPageRequests } from '../platforms.ts';
import type { StepProperty, Transition, Violation } from '../property.ts';
import { faultQueueOf, queued } from './look.ts';

type Response = Extract<Transition['effects'][number], { readonly kind: 'pageResponse' }>;

const HALF = 0xffff_ffffn;

function responsesOf({ effects }: Transition): readonly Response[] {
  return effects.filter((each): each is Response => each.kind === 'pageResponse');
}

/** What a device is attached to, with and without PASIDs. */
function attachmentsOf({ groups, platform }: World, device: number): string {
  const { domain, pasids = [] } = groups[platform.devices[device]?.group ?? -1] ?? {};
  const of = domain?.kind === 'hwpt' ? `${domain.ctx}.${domain.hwpt}` : domain?.kind;
  return [of, ...pasids.map(({ pasid, ctx, hwpt }) => `${pasid}:${ctx}.${hwpt}`)].join();
}

/** What is wrong with the responses of a write: each is one of the answers, in their order, to the group of its cookie. */
function wrongAnswers({ before, command }: Transition, responses: readonly Response[]): Violation {
  const words = command.command === 'write' ? (command.args.data ?? []) : [];
  for (const [nth, { device, group, code }] of responses.entries()) {
    const word = words[nth] ?? 0n;
    const meant = queued(before).some(
      (each) =>
        each.cookie === Number(word & HALF) &&
        each.device === device &&
        each.requests.at(-1)?.group === group,
    );
    if (!meant) return `answer ${nth + 1} reached group ${group} of device ${device}, which it does not name`;
    if (code !== Number(word >> 32n)) return `answer ${nth + 1} reached its device as ${code}`;
  }
  return null;
}

/** What is wrong with responses that nobody wrote. */
function wrongOthers({ before, world, command }: Transition, responses: readonly Response[]): Violation {
  for (const { device, group, code } of responses) {
    if (code !== PAGE_RESPONSE.INVALID)
      return `group ${group} of device ${device} is answered with ${code}, which nobody has written`;
    const asks = command.command === 'pageRequest' || command.command === 'mockPageFault';
    if (!asks && attachmentsOf(before, device) === attachmentsOf(world, device))
      return `group ${group} of device ${device} is answered, and the device stays where it is`;
  }
  return null;
}

function sameRequest(a: PageRequest, b: PageRequest): boolean {
  return a.group === b.group && a.address === b.address && a.perm === b.perm && a.last === b.last;
}

/** What a group that is now complete lacks of what its device has asked, or has beside it. */
function wrongGroup({ before, world, command, result }: Transition): Violation {
  if (command.command !== 'pageRequest' || !result.ok || !command.args.last) return null;
  const device = world.platform.devices.findIndex(({ id }) => command.actor === `device:${id}`);
  if (faultQueueOf(before, device) === null) return null;
  const { group } = command.args;
  const asked = (before.pageRequests?.partial[device] ?? []).filter((each) => each.group === group);
  const all: readonly PageRequest[] = [...asked, command.args];
  const left = (world.pageRequests?.partial[device] ?? []).some((each) => each.group === group);
  if (left) return `requests of group ${group} are kept although the group is complete`;
  const given = queued(world).find((each) => each.device === device && each.requests.at(-1)?.group === group);
  const isSame =
    given?.requests.length === all.length &&
    all.every((each, at) => sameRequest(given.requests[at] as PageRequest, each));
  return isSame
    ? null
    : `group ${group} of device ${device} is not in its queue as the device has asked for it`;
}

export const pageResponsesAreAskedFor: StepProperty = {
  id: 'page-responses-are-asked-for',
  sentence:
    'A complete group of page requests is handed on as its device made it. The device gets the response that user space wrote to it; where nothing serves its requests, or no longer, it gets INVALID, and no other device gets anything.',
  source:
    'rule R-34; drivers/iommu/iommufd/eventq.c: iommufd_auto_response_faults(), iommufd_fault_fops_write()',
  kind: 'step',
  appliesTo: makesPageRequests,
  brokenBy: 'leaving-answers-for-others',
  violated(transition) {
    const responses = responsesOf(transition);
    const isWrite = transition.command.command === 'write';
    const wrong = isWrite ? wrongAnswers(transition, responses) : wrongOthers(transition, responses);
    return wrong ?? wrongGroup(transition);
  },
  witness: (transition) => transition.command.command !== 'write' && responsesOf(transition).length > 0,
};
