import type { Command } from '../../model/world/command.ts';
import { ALL_IOCTLS } from '../../model/world/command.ts';
import { type Answer, refusal } from './answer.ts';

interface Struct {
  readonly size: number;
  readonly trailing: boolean;
}

/** What a struct of another size is answered (rule R-8); null: its size is no matter. Shorter ones are not looked at. */
export function againstSize({ command, args }: Command): Answer | 'none' {
  if (!('size' in args)) return 'none';
  const { size, trailing } = args as Struct;
  const known = ALL_IOCTLS[command as keyof typeof ALL_IOCTLS];
  if (size < known.minSize) return refusal('EINVAL');
  if (size > known.size && trailing) return refusal('E2BIG');
  return size < known.size ? null : 'none';
}
