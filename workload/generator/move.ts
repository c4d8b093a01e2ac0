import type { ArgValue, Call } from '../../model/call.ts';
import type { AnyIoctlName, CommandArgs, CommandName } from '../../model/world/command.ts';
import type { Draw } from './choice.ts';
import type { View } from './view.ts';

/** What processes do with /dev/iommu and devices, and what devices do. */
export type UapiName =
  | AnyIoctlName
  | Extract<
      CommandName,
      | 'openIommufd'
      | 'openCdev'
      | 'openOther'
      | 'close'
      | 'read'
      | 'poll'
      | 'write'
      | 'mmapBar'
      | 'munmapBar'
      | 'smmuEvent'
      | 'destroyBegins'
      | 'vdeviceAllocBegins'
      | 'mapFileBegins'
      | 'attachBegins'
      | 'callEnds'
    >;

/** A call of one of these. */
export interface UapiCall extends Call {
  readonly command: UapiName;
}

/** One kind of sensible next step. */
export interface Move {
  /** How much it is worth now against the others; 0 where it would make no sense. */
  weight(view: View): number;
  /** The step; only asked for where its weight is not 0. */
  make(view: View, draw: Draw): UapiCall;
}

/** The arguments of a command as a trace gives them: handles by name, those at their defaults left out. */
export type TraceArgs<N extends UapiName> = {
  readonly [K in keyof CommandArgs[N]]?: CommandArgs[N][K] | string;
};

/** A call of the view's process. */
export function call<N extends UapiName>(view: View, command: N, args: TraceArgs<N>): UapiCall {
  return { actor: view.actor, command, args: args as Readonly<Record<string, ArgValue>> };
}
