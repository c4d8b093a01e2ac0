import type { CommandArgs } from '../world/command.ts';
import type { Result } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import { assign, unassign } from './assign.ts';
import type { PasidCommandName } from './command.ts';
import { writeContext, writeMapping, writePasidEntry } from './guest.ts';
import { invalidate } from './invalidate.ts';
import { allocPasid, freePasid } from './numbers.ts';
import { request } from './request.ts';

type Handler<N extends PasidCommandName> = (tx: Tx, args: CommandArgs[N], actor: string) => Result;

/** Who answers which command. */
export const PASID_HANDLERS: { readonly [N in PasidCommandName]: Handler<N> } = {
  assign,
  unassign,
  writeContext,
  writePasidEntry,
  writeMapping,
  invalidate,
  allocPasid,
  freePasid,
  request,
};
