import { match } from 'ts-pattern';
import type { Call } from '../../model/call.ts';
import type { Command } from '../../model/world/command.ts';
import type { Effect, Result } from '../../model/world/result.ts';
import { withoutDefaults } from '../simpler.ts';
import { hex } from '../trace/values.ts';
import { callText, commandsText, eventText, outText, steText } from './values.ts';
import { descriptorText, tableText } from './vtd.ts';

/** Who takes part beside the actors of commands. */
export type Party = 'iommufd' | 'pSMMU' | 'host';

/** An effect as it is told: a message from one to another with its answer, or a remark. */
export type ToldEffect =
  | {
      readonly kind: 'message';
      /** A party, or an actor. */
      readonly from: string;
      readonly to: Party;
      readonly text: string;
      readonly answer: { readonly ok: boolean; readonly text: string } | null;
    }
  | { readonly kind: 'remark'; readonly text: string };

/** What a command did beyond the state, in words. */
export function tellEffect(effect: Effect): ToldEffect {
  return match(effect)
    .returnType<ToldEffect>()
    .with({ kind: 'smmuCommands' }, ({ commands }) =>
      message('iommufd', 'pSMMU', commandsText(commands.flat())),
    )
    .with({ kind: 'steWritten' }, ({ streamId, words }) =>
      message('iommufd', 'pSMMU', `StreamID ${hex(BigInt(streamId))}: ${steText(words)}`),
    )
    .with({ kind: 'entryWrittenEarly' }, ({ tables }) =>
      message('iommufd', 'pSMMU', `with no barrier after what was stored at ${tables.map(hex).join(' ')}`),
    )
    .with({ kind: 'registersWritten' }, ({ smmu, enabled, aborts }) =>
      message('host', 'pSMMU', `pSMMU ${smmu}: SMMUEN=${Number(enabled)} GBPA.ABORT=${Number(aborts)}`),
    )
    .with({ kind: 'eventLost' }, ({ words }) => ({
      kind: 'remark',
      text: `the event queue is full: ${eventText(words)} is lost`,
    }))
    .with({ kind: 'rangesFlushed' }, ({ hwpt, ranges }) =>
      message(
        'iommufd',
        'pSMMU',
        `HWPT ${hwpt}: flush ${ranges.map(({ start, last }) => `${hex(start)}..${hex(last)}`).join(', ')}`,
      ),
    )
    .with({ kind: 'translationBlocked' }, ({ device }) =>
      message('iommufd', 'pSMMU', `device ${device}: nothing is attached for a while`),
    )
    .with({ kind: 'pageResponse' }, ({ device, group, code }) =>
      message('iommufd', 'pSMMU', `device ${device}: page requests of group ${group} answered with ${code}`),
    )
    .with({ kind: 'nothingUsed' }, ({ mdev }) =>
      message('iommufd', 'host', `mediated device ${mdev}: its access is used and is on no IOAS`),
    )
    .with({ kind: 'rescanned' }, ({ device }) =>
      message('iommufd', 'host', `device ${device}: taken away and found again`),
    )
    .with({ kind: 'vtdWritten' }, ({ device, what, words }) =>
      message('iommufd', 'pSMMU', `${tableText(what)} of device ${device}: ${words.map(hex).join(' ')}`),
    )
    .with({ kind: 'vtdWrittenBack' }, ({ device, what }) =>
      message('iommufd', 'pSMMU', `${tableText(what)} of device ${device}: written back`),
    )
    .with({ kind: 'vtdFlushed' }, ({ descriptors }) =>
      message('iommufd', 'pSMMU', descriptors.map(descriptorText).join(', ')),
    )
    .with({ kind: 'vevent' }, ({ veventq, lost, words }) =>
      message('pSMMU', 'iommufd', `vEVENTQ ${veventq}: ${lost ? 'event lost' : eventText(words)}`),
    )
    .with({ kind: 'moved' }, ({ device, from, to }) => ({
      kind: 'remark',
      text: `the driver is told to move device ${device} from ${domainText(from)} to ${domainText(to)}`,
    }))
    .with({ kind: 'pasidSet' }, ({ device, pasid }) => ({
      kind: 'remark',
      text: `the driver is told to give device ${device} a domain at PASID ${pasid}`,
    }))
    .with({ kind: 'pasidRemoved' }, ({ device, pasid }) => ({
      kind: 'remark',
      text: `the driver is told to take PASID ${pasid} from device ${device}`,
    }))
    .with({ kind: 'hostEvent' }, ({ words }) => message('pSMMU', 'host', eventText(words)))
    .with({ kind: 'trapped' }, () => ({ kind: 'remark', text: 'trapped by the VMM' }))
    .with({ kind: 'shadowWritten' }, ({ pasid, descriptors }) => ({
      kind: 'remark',
      text: `the VMM writes ${descriptors} descriptor${descriptors === 1 ? '' : 's'} of its table for PASID ${pasid}`,
    }))
    .with({ kind: 'guestCommand' }, ({ words, done }) => ({
      kind: 'remark',
      text: `${commandsText(words)} ${done ? 'is consumed' : 'stops the queue'}`,
    }))
    .with({ kind: 'vmmCall' }, ({ command, result }) => ({
      ...message(command.actor, 'iommufd', commandText(command)),
      answer: { ok: result.ok, text: answerOf(command, result) },
    }))
    .with({ kind: 'vmmRefusal' }, ({ reason }) => ({ kind: 'remark', text: `refused: ${reason}` }))
    .exhaustive();
}

function domainText(hwpt: number | null): string {
  return hwpt === null ? "the kernel's own domain" : `HWPT ${hwpt}`;
}

function message(from: string, to: Party, text: string): Extract<ToldEffect, { kind: 'message' }> {
  return { kind: 'message', from, to, text, answer: null };
}

/** A complete command, as a trace would have it: without the arguments that are at their defaults. */
function commandText(command: Command): string {
  return callText(callOf(command));
}

function callOf({ actor, command, args }: Command): Call {
  // The arguments of a command are what its shape says, and so are those of a call.
  return withoutDefaults({ actor, command, args: args as Call['args'] });
}

function answerOf(command: Command, result: Result): string {
  const call = callOf(command);
  const fields = Object.entries(result.out).map(([out, value]) => ` ${out}=${outText(call, out, value)}`);
  return (result.ok ? 'ok' : result.errno) + fields.join('');
}
