import { z } from 'zod';
import { readArg, toJson } from '../../checker/trace/values.ts';
import type { Call } from '../../model/call.ts';
import { COMMANDS } from '../../model/commands.ts';
import type { EmulatedHardware, GuestWords } from '../../model/platform/emulated.ts';
import { EMULATED_COMMANDS, type EmulatedCommandName } from '../../model/smmu/emulated/command.ts';
import { ID_REGISTER_NAMES, type IdRegisterName } from '../../spec/smmuv3/id-registers.ts';
import { InputError } from '../input-error.ts';

const hex = z.string().regex(/^0x[0-9a-f]{1,16}$/, 'a hexadecimal number such as 0x1000');
const register = z.string().regex(/^0x[0-9a-f]{1,8}$/, 'a register such as 0x1000');
const range = { first: hex, end: hex };
const common = { seq: z.number().int(), section: z.string().max(200), note: z.string().max(1000).optional() };

/** What is seen of the machine behind a step; what is left out was not looked at, or could not be seen. */
const seen = z.strictObject({
  /** The emulator ended, or did not answer any more. */
  ends: z.enum(['no', 'died', 'silent']),
  GERROR: register.optional(),
  CMDQ_CONS: register.optional(),
  EVENTQ_PROD: register.optional(),
  /** The record that is new in the event queue, in four doublewords; `none`. */
  event: z
    .string()
    .regex(/^(none|(0x[0-9a-f]{1,16} ){3}0x[0-9a-f]{1,16})$/, 'four doublewords, or none')
    .optional(),
  /** The four bytes that a device read, as a number. */
  value: register.optional(),
  /** Where what a device wrote was found; `nowhere`. */
  landed: z.union([hex, z.literal('nowhere')]).optional(),
});

const NAMES = Object.keys(EMULATED_COMMANDS) as [EmulatedCommandName, ...EmulatedCommandName[]];

const schema = z.discriminatedUnion('ev', [
  z.object({
    ...common,
    ev: z.literal('emulated-smmu'),
    registers: z.strictObject(
      Object.fromEntries(ID_REGISTER_NAMES.map((name) => [name, register])) as Record<
        IdRegisterName,
        typeof register
      >,
    ),
    ram: z.strictObject({ ...range, stamped: z.strictObject(range).optional() }),
    /** 64-bit words by their address, at boot. */
    memory: z.record(hex, hex),
  }),
  z.object({
    ...common,
    ev: z.literal('emulated'),
    command: z.enum(NAMES),
    args: z.record(z.string().max(40), z.json()),
    seen,
  }),
]);

export type EmulatedLine = z.infer<typeof schema>;

export type EmulatedStart = Extract<EmulatedLine, { ev: 'emulated-smmu' }>;

export type EmulatedStep = Extract<EmulatedLine, { ev: 'emulated' }>;

export type Seen = EmulatedStep['seen'];

export const hexOf = (value: number | bigint): string => `0x${value.toString(16)}`;

/** A line of a recording, parsed; null: one that only describes the recording. @throws InputError */
export function parseLine(file: string, line: number, text: string): EmulatedLine | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new InputError(file, line, 'expected a JSON object on every line');
  }
  if (typeof json === 'object' && json !== null && 'ev' in json && json.ev === 'meta') return null;
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? 'the line' : `"${issue.path.join('.')}"`;
  throw new InputError(file, line, `${where}: ${issue?.message ?? 'out of shape'}`);
}

const LINE = { seq: 0, section: 'live' } as const;

/** The first line of a recording of such a machine. */
export function startLine({ registers, memory, ram }: EmulatedHardware): EmulatedStart {
  const everywhere = { first: 0n, end: (1n << 64n) - 1n };
  const { first, end, stamped } = { ...everywhere, ...ram };
  return {
    ...{ ...LINE, ev: 'emulated-smmu' },
    registers: Object.fromEntries(
      ID_REGISTER_NAMES.map((name) => [name, hexOf(registers[name])]),
    ) as EmulatedStart['registers'],
    ram: {
      ...{ first: hexOf(first), end: hexOf(end) },
      ...(stamped === undefined ? {} : { stamped: { first: hexOf(stamped.first), end: hexOf(stamped.end) } }),
    },
    memory: Object.fromEntries(Object.entries(memory).map(([at, word]) => [`0x${at}`, hexOf(word)])),
  };
}

/** The machine that a recording describes. */
export function hardwareOf({ registers, ram, memory }: EmulatedStart): EmulatedHardware {
  const rangeOf = ({ first, end }: { readonly first: string; readonly end: string }) => ({
    first: BigInt(first),
    end: BigInt(end),
  });
  const words: GuestWords = Object.fromEntries(
    Object.entries(memory).map(([at, word]) => [at.slice(2), BigInt(word)]),
  );
  return {
    registers: Object.fromEntries(
      ID_REGISTER_NAMES.map((name) => [name, Number(registers[name])]),
    ) as unknown as EmulatedHardware['registers'],
    memory: words,
    ram: {
      ...rangeOf(ram),
      ...(ram.stamped === undefined ? {} : { stamped: rangeOf(ram.stamped) }),
    },
  };
}

/** A step as a recording has it. */
export function stepLine({ command, args }: Call, what: Seen): EmulatedStep {
  const given = Object.entries(args).map(([name, value]) => [name, toJson(value)]);
  return {
    ...{ ...LINE, ev: 'emulated', command: command as EmulatedCommandName },
    ...{ args: Object.fromEntries(given) as EmulatedStep['args'], seen: what },
  };
}

/** The call that a line is about. @throws InputError */
export function callOf(file: string, number: number, { command, args }: EmulatedStep): Call {
  const declared = COMMANDS[command];
  const read = Object.entries(args).map(([name, json]) => {
    const argument = Object.hasOwn(declared.args, name) ? declared.args[name] : undefined;
    const value = argument === undefined ? undefined : readArg(argument, json);
    if (value === undefined)
      throw new InputError(file, number, `"args.${name}": expected an argument of ${command}`);
    return [name, value] as const;
  });
  return { actor: ACTORS[declared.by[0] ?? ''] ?? '', command, args: Object.fromEntries(read) };
}

const ACTORS: Readonly<Record<string, string>> = {
  guest: 'guest:vm0',
  device: 'device:dev0',
  operator: 'operator',
};
