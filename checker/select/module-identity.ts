/*
 * By what a trace knows the user's modules with which it was recorded: the names of what they bring along, and a digest of
 * their text. Where they lay then is told too, but nobody else has them there.
 */

/** `shared-vmid sha256:0123456789abcdef` */
export interface ModuleIdentity {
  /** Names of overrides and ids of properties, joined by commas. */
  readonly names: string;
  /** The first digits of the SHA-256 of its text; null: recorded without. */
  readonly digest: string | null;
}

/** As a trace has it. */
export function identityText({ names, digest }: ModuleIdentity): string {
  return digest === null ? names : `${names} sha256:${digest}`;
}

export function readIdentity(text: string): ModuleIdentity {
  const [, names = text, digest = null] = /^(\S*) sha256:([0-9a-f]+)$/.exec(text) ?? [];
  return { names, digest };
}
