import type { CommandArgs } from '../world/command.ts';
import type { Result } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import type { LegacyCommandName } from './command.ts';
import { containerCheckExtension, containerClose, containerOpen, containerSetIommu } from './container.ts';
import { containerMapDma, containerUnmapDma, legacyDma } from './dma.ts';
import {
  groupClose,
  groupCloseDevice,
  groupGetDevice,
  groupOpen,
  groupSetContainer,
  groupUnsetContainer,
  hostDriverBind,
  hostDriverUnbind,
} from './group.ts';
import { containerGetInfo } from './info.ts';
import { groupBeginSetIrqs, groupEndSetIrqs, groupSetIrqs, hostDriverSetIrqs } from './vectors.ts';

type Handler<N extends LegacyCommandName> = (tx: Tx, args: CommandArgs[N], actor: string) => Result;

/** Who answers which command. */
export const LEGACY_HANDLERS: { readonly [N in LegacyCommandName]: Handler<N> } = {
  containerOpen,
  containerClose,
  containerCheckExtension,
  containerGetInfo,
  containerSetIommu,
  containerMapDma,
  containerUnmapDma,
  groupOpen,
  groupClose,
  groupSetContainer,
  groupUnsetContainer,
  groupGetDevice,
  groupCloseDevice,
  groupSetIrqs,
  groupBeginSetIrqs,
  groupEndSetIrqs,
  hostDriverBind,
  hostDriverUnbind,
  hostDriverSetIrqs,
  legacyDma,
};
