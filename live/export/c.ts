import { type ArgValue, type Call, NEVER_ID } from '../../model/call.ts';
import { COMMANDS } from '../../model/commands.ts';
import type { DeviceHardware } from '../../model/platform/platform.ts';
import { ALL_IOCTLS, type AnyIoctlName, isIoctl } from '../../model/world/command.ts';
import type { Result } from '../../model/world/result.ts';
import { readField, type StructTable } from '../../spec/struct.ts';
import { ioctlBytes } from '../ioctl-bytes.ts';
import { type LiveStep, stepText } from '../step.ts';
import { type Asserted, ExportError } from './answer.ts';
import { comment } from './comment.ts';
import { declarations, fieldName, structName } from './header.ts';
import { type Dialect, KSELFTEST, PROGRAM } from './prelude.ts';

/** What a program is about. */
export interface ProgramTitle {
  /** One line: what it shows. */
  readonly title: string;
  /** Under what its answers are asserted. */
  readonly under: string;
  /** What the devices are and stand behind. */
  readonly devices: readonly DeviceHardware[];
}

/**
 * A C program that makes the calls of a trace and asserts each answer, its errno by name; it prints those that differ, and
 * its status is 1 if one does. Its arguments are the device files, in the order in which the trace opens devices.
 */
export function toC(steps: readonly Asserted[], title: ProgramTitle): string {
  return written(steps, title, PROGRAM);
}

/** The same as a test in the manner of the kernel's own selftests; the device files are in NESTCHECK_DEVICES, with spaces between. */
export function toKselftest(steps: readonly Asserted[], title: ProgramTitle): string {
  return written(steps, title, KSELFTEST);
}

function written(
  steps: readonly Asserted[],
  { title, under, devices: all }: ProgramTitle,
  dialect: Dialect,
): string {
  const devices = devicesOf(steps);
  const names = steps.flatMap(({ step }) =>
    step.kind === 'call' && isIoctl(step.call.command) ? [step.call.command] : [],
  );
  const writer = new BodyWriter(devices);
  const body = steps.flatMap((each, index) => writer.step(each, index + 1));
  return [
    `/* ${comment(title)}`,
    ` * Made by nestcheck; the answers asserted are those of ${comment(under)}.`,
    ` * Device files: ${devices.length === 0 ? 'none' : devices.map((id) => comment(placed(id, all))).join(', ')}`,
    ' */',
    ...dialect.before,
    ...declarations(names),
    '',
    ...dialect.after,
    ...writer.variables().map(indented),
    '',
    ...dialect.opening(devices.length).map(indented),
    ...body.map(indented),
    ...(dialect.closing.length > 0 ? ['', ...dialect.closing.map(indented)] : []),
    '}',
    ...(dialect === KSELFTEST ? ['', 'TEST_HARNESS_MAIN'] : []),
    '',
  ].join('\n');
}

/** A device, and what of its place matters. */
function placed(id: string, all: readonly DeviceHardware[]): string {
  const hardware = all.find((each) => each.id === id);
  return hardware === undefined ? id : `${id} (SMMU ${hardware.iommu}, group ${hardware.group})`;
}

function indented(line: string): string {
  return line === '' ? '' : `\t${line}`;
}

function devicesOf(steps: readonly Asserted[]): readonly string[] {
  const devices = new Set<string>();
  for (const { step } of steps) {
    if (step.kind === 'call' && step.call.command === 'openCdev') devices.add(String(step.call.args.device));
    if (step.kind === 'transfer' || step.kind === 'msi') devices.add(step.device);
  }
  return [...devices];
}

const MEMORY = 'memory';

/** A call that was written down: its step, what its pointers point at, and how its struct is called. */
interface Made {
  readonly number: number;
  readonly buffers: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
  readonly c: string;
}

class BodyWriter {
  readonly #devices: readonly string[];
  readonly #bound = new Set<string>();
  readonly #read = new Set<string>();

  constructor(devices: readonly string[]) {
    this.#devices = devices;
  }

  variables(): readonly string[] {
    return [...this.#bound].map((name) => {
      const unused = this.#read.has(name) ? '' : '__attribute__((unused)) ';
      return `${unused}__u32 ${variable(name)} = NEVER;`;
    });
  }

  step({ step, result, bytes }: Asserted, number: number): readonly string[] {
    const about = `/* ${number}: ${comment(stepText(step))} */`;
    return ['', about, ...this.#lines(step, result, bytes, number)];
  }

  #lines(
    step: LiveStep,
    result: Result | null,
    bytes: string | undefined,
    number: number,
  ): readonly string[] {
    switch (step.kind) {
      case 'call':
        return this.#call(step.call, result, number);
      case 'store':
        return [
          `${MEMORY}_store(0x${step.va.toString(16)}ULL, ${stringOf(step.hex)}, ${step.hex.length / 2});`,
        ];
      case 'load':
        return bytes === undefined
          ? []
          : [
              `expect_memory(${number}, 0x${step.va.toString(16)}ULL, ${stringOf(bytes)}, ${bytes.length / 2});`,
            ];
      case 'transfer':
      case 'msi':
        throw new ExportError(`${step.kind} of ${step.device}`);
    }
  }

  #call(call: Call, result: Result | null, number: number): readonly string[] {
    const { command, args } = call;
    if (isIoctl(command)) return this.#ioctl(command, call, result, number);
    const expected = result === null ? null : result.ok ? '0' : result.errno;
    const made = this.#bindings(call);
    const fd = this.#value(args.fd ?? 0);
    const check = (text: string): readonly string[] => [
      '',
      `ret = ${text};`,
      ...(expected === null ? [] : [`expect(${number}, "${command}", ret, ${expected});`]),
      ...made.map(({ name }) => `if (ret >= 0) ${variable(name)} = ret;`),
    ];
    const inBlock = (lines: readonly string[]): readonly string[] => block(['long ret;', ...lines]);
    switch (command) {
      case 'openIommufd':
        return inBlock(check('open("/dev/iommu", O_RDWR)'));
      case 'openCdev':
        return inBlock(check(`open(device_file(${this.#devices.indexOf(String(args.device))}), O_RDWR)`));
      case 'openOther':
        return inBlock(check('eventfd(0, EFD_NONBLOCK)'));
      case 'close':
        return inBlock(check(`close(${fd})`));
      case 'poll':
        return block([
          `struct pollfd one = { .fd = ${fd}, .events = POLLIN };`,
          '',
          'poll(&one, 1, 0);',
          ...revents(result, number),
        ]);
      case 'read':
        return inBlock([
          `static char into[65536];`,
          ...check(`read(${fd}, into, ${Number(args.count ?? 4096)})`),
        ]);
      case 'write': {
        const count = Number(args.count ?? 8);
        if (count > 65536) throw new ExportError(call);
        return inBlock([`static const char from[65536];`, ...check(`write(${fd}, from, ${count})`)]);
      }
      default:
        throw new ExportError(call);
    }
  }

  #ioctl(name: AnyIoctlName, call: Call, result: Result | null, number: number): readonly string[] {
    const table: StructTable & { readonly name: string } = ALL_IOCTLS[name];
    const { bytes, references, buffers } = ioctlBytes(name, call.args);
    const fd = this.#value(call.args.fd ?? 0);
    const expected = result === null ? null : result.ok ? '0' : result.errno;
    const expectation = expected === null ? [] : [`expect(${number}, "${table.name}", ret, ${expected});`];
    const struct = structName(name);
    if (struct === '') return block([`long ret = ioctl(${fd}, ${table.name});`, '', ...expectation]);
    // A struct of an odd size is given as bytes: the caller says that there is more, or less, than the interface has.
    const odd = bytes.length !== table.size;
    const c = odd ? 'c.s.' : 'c.';
    const lines = [
      odd
        ? `union { struct ${struct} s; unsigned char bytes[${bytes.length}]; } c = { .bytes = ${bytesText(bytes)} };`
        : `struct ${struct} c = ${fieldsText(table, bytes)};`,
      ...buffers.map(
        ({ offset, bytes: content }) =>
          `unsigned char at${offset}[${Math.max(1, content.length)}] = ${bytesText(content)};`,
      ),
      'long ret;',
      '',
    ];
    for (const { offset, name: handle } of references)
      lines.push(`${c}${this.#field(table, offset)} = ${this.#value(handle)};`);
    for (const { offset } of buffers)
      lines.push(`${c}${this.#field(table, offset)} = (uintptr_t)at${offset};`);
    const argument = call.args.unwritable === true ? 'read_only(&c, sizeof(c))' : '&c';
    lines.push(`ret = ioctl(${fd}, ${table.name}, ${argument});`, ...expectation);
    lines.push(...this.#outputs(table, call, result, { number, buffers, c }));
    for (const { name: made, field } of this.#bindings(call))
      lines.push(`if (ret == 0) ${variable(made)} = ${c}${fieldName(field)};`);
    return block(lines);
  }

  /** What a successful call left, but for the ids that it gave: these are the kernel's to choose. */
  #outputs(
    table: StructTable,
    call: Call,
    result: Result | null,
    { number, buffers, c }: Made,
  ): readonly string[] {
    if (result === null) return [];
    const given = new Set(COMMANDS[call.command].binds.map(({ out }) => out));
    const lines: string[] = [];
    for (const [field, layout] of Object.entries(table.fields)) {
      const value = result.out[field];
      if (
        layout.direction === 'in' ||
        given.has(field) ||
        (typeof value !== 'number' && typeof value !== 'bigint')
      )
        continue;
      const text = `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}ULL`;
      lines.push(`expect_field(${number}, "${fieldName(field)}", ${c}${fieldName(field)}, ${text});`);
    }
    const { data } = result.out as { readonly data?: readonly bigint[] };
    const buffer = buffers.find(({ offset }) =>
      Object.values(table.fields).some(
        (layout) => layout.offset === offset && 'buffer' in layout && layout.buffer !== 'in',
      ),
    );
    if (data === undefined || buffer === undefined) return lines;
    const words = data.slice(0, buffer.bytes.length >> 3);
    for (const [index, word] of words.entries())
      lines.push(
        `expect_field(${number}, "word ${index}", word_at(at${buffer.offset}, ${index}), 0x${word.toString(16)}ULL);`,
      );
    return lines;
  }

  #field(table: StructTable, offset: number): string {
    const found = Object.entries(table.fields).find(([, layout]) => layout.offset === offset);
    if (found === undefined) throw new Error(`no field at ${offset} of ${table.struct}`);
    return fieldName(found[0]);
  }

  #bindings({ command, as }: Call): readonly { readonly name: string; readonly field: string }[] {
    if (as === undefined) return [];
    const made = COMMANDS[command].binds.map(({ suffix, out }) => ({ name: as + suffix, field: out }));
    for (const { name } of made) this.#bound.add(name);
    return made;
  }

  #value(handle: ArgValue): string {
    if (typeof handle === 'number') return String(handle);
    if (typeof handle !== 'string' || !this.#bound.has(handle)) return String(NEVER_ID);
    this.#read.add(handle);
    return variable(handle);
  }
}

function block(lines: readonly string[]): readonly string[] {
  return ['{', ...lines.map(indented), '}'];
}

/** `vm0.iommufd1.hwpt2` as a C name. */
function variable(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]/g, '_');
}

function revents(result: Result | null, number: number): readonly string[] {
  if (result === null || !result.ok) return [];
  return [`expect_field(${number}, "revents", one.revents, ${Number(result.out.revents ?? 0)});`];
}

/** The fields that are not 0, by name. */
function fieldsText(table: StructTable, bytes: Uint8Array): string {
  const given = Object.entries(table.fields).flatMap(([field, layout]) => {
    const value = readField(bytes, layout);
    if (layout.direction === 'out' || value === 0 || value === 0n) return [];
    if ((field === 'size' || field === 'argsz') && value === table.size)
      return [`.${fieldName(field)} = sizeof(c)`];
    const text =
      typeof value === 'bigint'
        ? `0x${value.toString(16)}ULL`
        : value > 9
          ? `0x${value.toString(16)}`
          : String(value);
    return [`.${fieldName(field)} = ${text}`];
  });
  return given.length === 0 ? '{ 0 }' : `{ ${given.join(', ')} }`;
}

function bytesText(bytes: Uint8Array): string {
  let last = bytes.length;
  while (last > 0 && bytes[last - 1] === 0) last--;
  return last === 0 ? '{ 0 }' : `{ ${[...bytes.subarray(0, last)].join(', ')} }`;
}

function stringOf(hex: string): string {
  return `"${hex.replaceAll(/../g, '\\x$&')}"`;
}
