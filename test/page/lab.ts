import { parseScript } from '../../checker/script/read.ts';
import type { Call } from '../../model/call.ts';
import { groundOf } from '../../page/session/choice.ts';
import { beginWith, type Session } from '../../page/session/session.ts';
import { type Committed, committedCounterexamples } from '../../tools/committed.ts';

/** Steps as a file of steps has them. */
export function calls(...lines: readonly string[]): readonly Call[] {
  return parseScript(lines.join('\n')).calls;
}

/** A session on a scope, with steps that were made. */
export function sessionOf(scope: string, designs: readonly string[], ...lines: readonly string[]): Session {
  return beginWith(groundOf({ scope, designs, defects: [] }), calls(...lines));
}

/** The committed trace of this name, `<override>/<property>`. */
export async function committedTrace(name: string): Promise<Committed> {
  const found = (await committedCounterexamples()).find(
    ({ path }) => path === `counterexamples/${name}.json`,
  );
  if (found === undefined) throw new Error(`there is no trace ${name}`);
  return found;
}

export const VMID = 'vsmmus-share-vmid/vsmmus-have-own-tag';
