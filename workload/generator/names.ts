import type { Bindings } from '../../model/call.ts';
import { remember } from '../../model/world/memo.ts';

/**
 * How generated traces name things, so that a name tells by itself whose it is: `<kind><n>`, and before it
 * `<vm>.` where there are several virtual machines, and `iommufd<k>.` for objects of another context than the
 * process's first. Devices of number d have `cdev<n>` and `device<n>` with n mod (number of devices) = d.
 * `hwpt0`, `cdev1`, `veventq0.fd`, `vm1.ioas0`, `vm0.iommufd1.hwpt2`.
 */
export interface Name {
  readonly text: string;
  /** `''` or `<vm>.` */
  readonly vm: string;
  /** `vm` and, for an object that is not of iommufd0, `iommufd<k>.` */
  readonly prefix: string;
  readonly kind: string;
  readonly number: number;
  /** What it names is a descriptor, not an object. */
  readonly isFd: boolean;
}

const PATTERN = /^((?:[a-z][a-z0-9-]*\.)??)(iommufd\d+\.)?([a-z]+)(\d+)(\.fd)?$/;

const FD_KINDS: ReadonlySet<string> = new Set(['iommufd', 'cdev', 'fd']);

const parsed = new Map<string, Name | null>();

/** Takes a name apart; null where it is not one of these (a trace written by hand). */
function parse(text: string): Name | null {
  let name = parsed.get(text);
  if (name === undefined) {
    const [, vm = '', context = '', kind = '', digits = '', fd] = PATTERN.exec(text) ?? [];
    name =
      kind === ''
        ? null
        : {
            text,
            vm,
            prefix: vm + context,
            kind,
            number: Number(digits),
            isFd: fd !== undefined || FD_KINDS.has(kind),
          };
    remember(parsed, text, name);
  }
  return name;
}

/** The names of a trace by what they stand for. Where ids and descriptors were used again, the newest name holds. */
export interface NameIndex {
  /** Oldest first. */
  readonly all: readonly Name[];
  /** Of a process, by descriptor. */
  readonly fds: ReadonlyMap<string, readonly (Name | undefined)[]>;
  /** Of a context, by object id. */
  readonly objects: ReadonlyMap<string, readonly (Name | undefined)[]>;
}

const indexed = new WeakMap<Bindings, NameIndex>();

export function indexNames(bindings: Bindings): NameIndex {
  let index = indexed.get(bindings);
  if (index === undefined) {
    index = makeIndex(bindings);
    indexed.set(bindings, index);
  }
  return index;
}

function makeIndex(bindings: Bindings): NameIndex {
  const all: Name[] = [];
  const fds = new Map<string, (Name | undefined)[]>();
  const objects = new Map<string, (Name | undefined)[]>();
  for (const text in bindings) {
    const name = parse(text);
    if (name === null) continue;
    all.push(name);
    const map = name.isFd ? fds : objects;
    const key = name.isFd ? name.vm : name.prefix;
    let list = map.get(key);
    if (list === undefined) {
      list = [];
      map.set(key, list);
    }
    list[bindings[text] as number] = name;
  }
  return { all, fds, objects };
}

/** The first name of a kind that nothing has yet, counting from `start` in steps of `stride`. */
export function freshName(
  bindings: Bindings,
  prefix: string,
  kind: string,
  start: number,
  stride: number,
): string {
  for (let n = start; ; n += stride) {
    const name = `${prefix}${kind}${n}`;
    if (bindings[name] === undefined) return name;
  }
}
