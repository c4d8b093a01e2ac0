import { scopeOfTrace } from '../checker/platform/select.ts';
import { selectNames } from '../checker/select/by-name.ts';
import { selectTraceRules } from '../checker/select/rules.ts';
import { askedBy } from '../checker/select/usage-error.ts';
import type { Trace } from '../checker/trace/trace.ts';
import type { Rules } from '../model/rules.ts';
import { ALL_PROPERTIES } from '../properties/index.ts';
import type { Property } from '../properties/property.ts';
import type { Scope } from '../workload/scopes/scope.ts';

/** What the names in a trace stand for. */
export interface TraceSetting {
  readonly scope: Scope;
  readonly rules: Rules;
  /** The design under which it is replayed: that of the trace, modules where they are now. */
  readonly design: Readonly<Record<string, string>>;
  /** @see TraceRules */
  readonly changedModules: readonly string[];
  /** The property that it says it violates. */
  readonly property: Property | null;
  /** Every property there is, those of the user's modules among them. */
  readonly properties: readonly Property[];
}

/**
 * What a trace needs to be replayed; of the modules that it names only those in `modules` are loaded.
 * @throws UsageError that names the file where the trace names what is not known here.
 */
export function settingOf(file: string, trace: Trace, modules: readonly string[]): Promise<TraceSetting> {
  return askedBy(file, async () => {
    const { rules, design, changedModules, properties: own } = await selectTraceRules(trace, modules);
    const properties = [...ALL_PROPERTIES, ...own];
    const scope = scopeOfTrace(trace);
    const names = trace.property === null ? [] : [trace.property];
    const [property] = selectNames('property', properties, ({ id }) => id, names);
    if (property === undefined) throw new Error('a selection of one name is one thing');
    return {
      scope,
      rules,
      design,
      changedModules,
      properties,
      property: trace.property === null ? null : property,
    };
  });
}
