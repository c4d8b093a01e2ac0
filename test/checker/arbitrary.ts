import fc from 'fast-check';
import { TRACE_FORMAT, type Trace, type TraceStep } from '../../checker/trace/trace.ts';
import { COMMANDS, type CommandName } from '../../model/world/command.ts';
import type { Result } from '../../model/world/result.ts';
import type { Argument } from '../../spec/command/argument.ts';
import type { CommandDeclaration } from '../../spec/command/declaration.ts';
import { ERRNO, type Errno } from '../../spec/errno.ts';
import type { ArgValue, Call } from '../../workload/commands/call.ts';

const u64 = (): fc.Arbitrary<bigint> => fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
const words = (): fc.Arbitrary<bigint[]> => fc.array(u64(), { maxLength: 5 });
const name = (): fc.Arbitrary<string> => fc.stringMatching(/^[a-z]{1,6}[0-9]{1,2}$/);

/** Any value that an argument as declared can have in a trace. */
function arbitraryArg(argument: Argument): fc.Arbitrary<ArgValue> {
  switch (argument.kind) {
    case 'handle':
      return fc.oneof(name(), fc.nat(), fc.integer({ min: argument.min, max: argument.max }));
    case 'number':
      return fc.integer({ min: argument.min, max: argument.max });
    case 'u64': {
      const { align = 1n } = argument;
      return u64().map((value) => value - (value % align));
    }
    case 'bool':
      return fc.boolean();
    case 'pointer':
      return fc.constantFrom('buffer', 'null', 'unmapped');
    case 'words':
      return fc.option(words());
    case 'text':
      return fc.string({ maxLength: 20 });
  }
}

/** Any call: every command, any of its arguments, any value of each. */
export function arbitraryCall(): fc.Arbitrary<Call> {
  return fc.constantFrom(...(Object.keys(COMMANDS) as CommandName[])).chain((command) => {
    const { args, binds }: CommandDeclaration = COMMANDS[command];
    const given = fc.record(
      Object.fromEntries(Object.entries(args).map(([arg, shape]) => [arg, arbitraryArg(shape)])),
      { requiredKeys: [] },
    );
    const as = binds.length === 0 ? fc.constant(undefined) : fc.option(name(), { nil: undefined });
    return fc.tuple(given, as).map(([values, bound]): Call => {
      const call = { actor: 'vmm:vm0', command, args: values as Call['args'] };
      return bound === undefined ? call : { ...call, as: bound };
    });
  });
}

function arbitraryResult(): fc.Arbitrary<Result> {
  const out = fc.dictionary(name(), fc.oneof(fc.nat(), u64(), words()), { maxKeys: 3 });
  const errno = fc.constantFrom(...(Object.keys(ERRNO) as Errno[]));
  return fc.tuple(fc.option(errno), out).map(([refusal, fields]): Result => {
    return refusal === null ? { ok: true, out: fields } : { ok: false, errno: refusal, out: fields };
  });
}

/** Any trace that a file can hold; what it says need not be true. */
export function arbitraryTrace(): fc.Arbitrary<Trace> {
  const step = fc
    .tuple(arbitraryCall(), arbitraryResult())
    .map(([call, result]): TraceStep => ({ ...call, result }));
  return fc
    .record({
      scope: name(),
      design: fc.dictionary(name(), name(), { maxKeys: 3 }),
      defects: fc.array(name(), { maxLength: 2 }),
      guarantee: fc.constantFrom('1-minimal', 'shortest', null),
      shows: fc.option(fc.record({ property: name(), violation: fc.string() })),
      steps: fc.array(step, { maxLength: 6 }),
    })
    .map(
      ({ shows, ...rest }): Trace => ({
        format: TRACE_FORMAT,
        ...rest,
        property: shows?.property ?? null,
        violation: shows?.violation ?? null,
      }),
    );
}
