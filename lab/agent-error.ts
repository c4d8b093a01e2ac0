/** The agent has gone, is silent, or says what no agent says. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
}

/** Anybody's text, made fit to print. */
export function shown(text: string): string {
  const clean = text.replaceAll(/[^\x20-\x7e]/g, '?');
  return clean.length > 100 ? `${clean.slice(0, 100)}…` : clean;
}
