import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { arbitraryRun } from '../../checker/random/engine.ts';
import { recordTrace } from '../../checker/record.ts';
import { replayTrace } from '../../checker/replay.ts';
import { printTrace } from '../../checker/trace/encode.ts';
import { parseTrace } from '../../checker/trace/parse.ts';
import type { Call } from '../../model/call.ts';
import { COMMANDS } from '../../model/commands.ts';
import { intended } from '../../model/rules.ts';
import type { CommandDeclaration } from '../../spec/command/declaration.ts';
import { generateCall } from '../../workload/generator/generate.ts';
import { SCOPES } from '../../workload/scopes/index.ts';
import { arbitraryCall } from './arbitrary.ts';
import { asIntended } from './fakes.ts';

/** The wild call about what the sensible one is about, if that is the same command: its other arguments stay wild. */
function aimed(wild: Call, sensible: readonly Call[]): Call {
  const like = sensible.find(({ command }) => command === wild.command);
  if (like === undefined) return wild;
  const { args: shapes }: CommandDeclaration = COMMANDS[wild.command];
  const handles = Object.entries(like.args).filter(([name]) => shapes[name]?.kind === 'handle');
  return { ...wild, actor: like.actor, args: { ...wild.args, ...Object.fromEntries(handles) } };
}

describe.each(SCOPES.map((scope) => [scope.name, scope] as const))('on %s', (_, scope) => {
  const source = { setting: { scope, rules: intended }, generate: generateCall, steps: 40 };
  const wild = fc.array(fc.tuple(fc.nat(40), arbitraryCall()), { maxLength: 20 });
  const calls = fc.tuple(arbitraryRun(source), wild).map(([sensible, others]) => {
    const mixed = [...sensible];
    for (const [at, call] of others) mixed.splice(at, 0, aimed(call, sensible));
    return mixed;
  });

  test.prop([calls], { numRuns: 2 })(
    'every trace that a file can hold has an answer at each step, and replays',
    (given) => {
      const trace = parseTrace(printTrace(recordTrace(scope, asIntended, given, null)));
      expect(trace.steps).toHaveLength(given.length);
      expect(replayTrace(trace, { scope, rules: intended, properties: [] })).toBeNull();
    },
  );
});
