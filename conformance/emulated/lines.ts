import { z } from 'zod';
import { readArg, toJson } from '../../checker/trace/values.ts';
import type { Call } from '../../model/call.ts';
import { COMMANDS } from '../../model/commands.ts';
import { EMULATED_COMMANDS, type EmulatedCommandName } from '../../model/smmu/emulated/command.ts';
import { EMULATED_VTD_COMMANDS, type EmulatedVtdCommandName } from '../../model/vtd/emulated/command.ts';
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
  GSTS: register.optional(),
  FSTS: register.optional(),
  IQH: register.optional(),
  ICS: register.optional(),
  CCMD: hex.optional(),
  IOTLB: hex.optional(),
  /** The two words of the fault recording register, where it holds a fault; `none`. */
  record: z
    .string()
    .regex(/^(none|0x[0-9a-f]{1,16} 0x[0-9a-f]{1,16})$/, 'two doublewords, or none')
    .optional(),
  /** Words of memory that the machine has changed, by their addresses; `nothing`. */
  changed: z
    .string()
    .regex(
      /^(nothing|0x[0-9a-f]{1,16}:0x[0-9a-f]{1,16}( 0x[0-9a-f]{1,16}:0x[0-9a-f]{1,16}){0,99})$/,
      'words by their addresses, or nothing',
    )
    .optional(),
});

type EmulatedName = EmulatedCommandName | EmulatedVtdCommandName;

const NAMES = Object.keys({ ...EMULATED_COMMANDS, ...EMULATED_VTD_COMMANDS }) as [
  EmulatedName,
  ...EmulatedName[],
];

const ram = z.strictObject({ ...range, stamped: z.strictObject(range).optional() });
/** 64-bit words by their address, at boot. */
const memory = z.record(hex, hex);

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
    ram,
    memory,
  }),
  z.object({
    ...common,
    ev: z.literal('emulated-vtd'),
    registers: z.strictObject({ CAP: hex, ECAP: hex }),
    hostAddressWidth: z.int().min(30).max(52),
    /** Source ids of the devices behind it. */
    sources: z.array(z.int().min(0).max(0xffff)).min(1).max(256),
    ram,
    memory,
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

export type EmulatedStart = Exclude<EmulatedLine, { ev: 'emulated' }>;

export type EmulatedStep = Extract<EmulatedLine, { ev: 'emulated' }>;

export type Seen = EmulatedStep['seen'];

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

/** A step as a recording has it. */
export function stepLine({ command, args }: Call, what: Seen): EmulatedStep {
  const given = Object.entries(args).map(([name, value]) => [name, toJson(value)]);
  return {
    ...{ ...LINE, ev: 'emulated', command: command as EmulatedName },
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
