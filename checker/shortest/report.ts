import type { Scope } from '../../workload/scopes/scope.ts';
import type { Selection } from '../record.ts';
import type { CheckReport, PropertyReport } from '../report.ts';
import { shorten } from './shorten.ts';

/** The report with every trace as short as search within so many states can make it, and what is proved of it. */
export async function shortenAll(
  report: CheckReport,
  { scopes, selection }: { readonly scopes: readonly Scope[]; readonly selection: Selection },
  states: number,
): Promise<CheckReport> {
  const properties: PropertyReport[] = [];
  for (const each of report.properties) {
    const scope = scopes.find(({ name }) => name === each.scope);
    if (each.trace === null || scope === undefined) {
      properties.push(each);
      continue;
    }
    const calls = each.trace.steps.map(({ result: _, ...call }) => call);
    const trace = await shorten({ scope, selection, property: each.property, calls }, states);
    properties.push({ ...each, trace });
  }
  return { ...report, properties };
}
