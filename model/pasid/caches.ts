import { stale } from '../caches/engine.ts';
import type { Pieces } from '../caches/pages.ts';
import type { PasidPlatform } from '../platform/pasid.ts';
import { configOf, throughFirst, throughRoot } from './configuration.ts';
import { NO_PASID } from './context.ts';
import type { Cached, Config, PasidMachine, Root, Stream } from './machine.ts';

/** What a flush takes out of caches: a PASID's entry, what walks from stage 1 led to, or all that has a domain. */
export type Flush =
  | { readonly of: 'entry'; readonly stream: number; readonly pasid: number }
  | {
      readonly of: 'pasid';
      readonly stream: number;
      readonly pasid: number;
      /** One page; null: all. */
      readonly iova: number | null;
    }
  | { readonly of: 'domain'; readonly domain: number };

/** A configuration that a request may meet: hardware's now, or one that is still cached. */
interface Usable {
  readonly stream: number;
  readonly pasid: number;
  readonly config: Config;
}

function rootKey(root: Root | null): string {
  if (root === null) return '-';
  switch (root.of) {
    case 'memory':
      return `m${root.vm}`;
    case 'shadow':
      return `s${root.unit}.${root.pasid}`;
    case 'guest':
      return `g${root.table}`;
  }
}

function entryKey({ stream, pasid, config }: Usable): string {
  return `e${stream}.${pasid}:${rootKey(config.first)}/${rootKey(config.second)}@${config.domain}`;
}

/** What hardware would use now, for every stream and PASID. */
function freshConfigs(platform: PasidPlatform, machine: PasidMachine): readonly Usable[] {
  const fresh: Usable[] = [];
  for (let at = 0; at < machine.streams.length; at++) {
    const stream = machine.streams[at] as Stream;
    if (stream.own === null && stream.entries.length === 0 && stream.guestTable === null) continue;
    for (let pasid = NO_PASID; pasid <= platform.pasids; pasid++) {
      const config = configOf(platform, machine, stream, pasid);
      if (config !== null) fresh.push({ stream: at, pasid, config });
    }
  }
  return fresh;
}

const usableByMachine = new WeakMap<PasidMachine, readonly Usable[]>();

/** Every configuration that requests may meet: hardware's now and those still cached. */
export function usableConfigs(platform: PasidPlatform, machine: PasidMachine): readonly Usable[] {
  let usable = usableByMachine.get(machine);
  if (usable === undefined) {
    const all = [...freshConfigs(platform, machine)];
    for (const each of machine.stale) if (each.cache === 'entry') all.push(each);
    usable = all;
    usableByMachine.set(machine, usable);
  }
  return usable;
}

/** Everything that walks from these configurations can leave in caches, by key. */
function walked(
  platform: PasidPlatform,
  machine: PasidMachine,
  usable: readonly Usable[],
): Map<string, Cached> {
  const found = new Map<string, Cached>();
  for (const { stream, pasid, config } of usable) {
    for (let iova = 0; iova < platform.iovaPages; iova++) {
      const between = throughFirst(platform, machine, config, iova);
      if (between === null) continue;
      const { domain, second } = config;
      if (second === null) {
        const key = firstKey(stream, pasid, domain, iova, between);
        found.set(key, { cache: 'first', key, stream, pasid, domain, iova, page: between });
        continue;
      }
      for (const page of secondPages(platform, machine, config, between)) {
        const key = `t${domain}:${between}=${page}`;
        found.set(key, { cache: 'second', key, domain, input: between, page });
        if (config.first === null) continue;
        const whole = firstKey(stream, pasid, domain, iova, page);
        found.set(whole, { cache: 'first', key: whole, stream, pasid, domain, iova, page });
      }
    }
  }
  return found;
}

function firstKey(stream: number, pasid: number, domain: number, iova: number, page: number): string {
  return `f${stream}.${pasid}@${domain}:${iova}=${page}`;
}

/** Where stage 2 of a configuration may lead: by its table, and by what is still cached under its domain. */
export function secondPages(
  platform: PasidPlatform,
  machine: PasidMachine,
  { second, domain }: Config,
  input: number,
): readonly number[] {
  const pages: number[] = [];
  const now = second === null || second.of === 'guest' ? null : throughRoot(platform, machine, second, input);
  if (now !== null) pages.push(now);
  for (const each of machine.stale)
    if (
      each.cache === 'second' &&
      each.domain === domain &&
      each.input === input &&
      !pages.includes(each.page)
    )
      pages.push(each.page);
  return pages;
}

function takes(flush: Flush, cached: Cached): boolean {
  switch (flush.of) {
    case 'entry':
      return cached.cache === 'entry' && cached.stream === flush.stream && cached.pasid === flush.pasid;
    case 'pasid':
      return (
        cached.cache === 'first' &&
        cached.stream === flush.stream &&
        cached.pasid === flush.pasid &&
        (flush.iova === null || flush.iova === cached.iova)
      );
    case 'domain':
      return cached.cache !== 'entry' && cached.domain === flush.domain;
  }
}

/** Each is taken away whole. */
const WHOLE: Pieces<Cached> = { runOf: () => null, part: (entry) => entry, sameLine: Object.is };

const cacheableByMachine = new WeakMap<PasidMachine, ReadonlyMap<string, Cached>>();

/** Everything that caches may hold at some point, by key: what is true, and what is left of earlier. */
function cacheable(platform: PasidPlatform, machine: PasidMachine): ReadonlyMap<string, Cached> {
  const known = cacheableByMachine.get(machine);
  if (known !== undefined) return known;
  const all = new Map<string, Cached>();
  for (const each of machine.stale) all.set(each.key, each);
  for (const each of freshConfigs(platform, machine)) {
    const key = entryKey(each);
    all.set(key, { cache: 'entry', key, ...each });
  }
  for (const [key, each] of walked(platform, machine, usableConfigs(platform, machine))) all.set(key, each);
  cacheableByMachine.set(machine, all);
  return all;
}

/**
 * The machine after a command, with what caches may hold of what was true before it: less what the command flushed, and
 * less what is true now and so need not be remembered.
 */
export function settled(
  platform: PasidPlatform,
  before: PasidMachine,
  after: PasidMachine,
  flushes: readonly Flush[],
): PasidMachine {
  const held = [...cacheable(platform, before).values()];
  const kept = held.filter((cached) => !flushes.some((flush) => takes(flush, cached)));
  const fresh = new Set(freshConfigs(platform, after).map(entryKey));
  const entries = kept.filter(({ cache, key }) => cache === 'entry' && !fresh.has(key));
  // Translations are found again through entries that are no longer true.
  const bare: PasidMachine = { ...after, stale: entries };
  const known = walked(platform, bare, usableConfigs(platform, bare));
  const old = stale(
    WHOLE,
    [...entries, ...kept.filter(({ cache }) => cache !== 'entry')],
    known,
    before.stale,
  );
  return old === after.stale ? after : { ...after, stale: old };
}
