import { answerAt, DECISION_POINTS, type DecisionPoint, typeOf } from '../model/decision-points.ts';
import { DESIGN_AXES, OVERRIDES } from '../overrides/index.ts';

/** A decision point, as it is listed. */
export interface ListedRule {
  /** Its path. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** All of what follows, in words. */
  readonly source: string;
  readonly machine: string;
  readonly point: string;
  /** As TypeScript has it: `boolean`, the words of a choice, a signature. */
  readonly type: string;
  /** A value as it is; of a function its text, or its name where that is long. */
  readonly intended: unknown;
  /** The overrides that decide otherwise; a design by the axis and value that choose it. */
  readonly overriddenBy: readonly string[];
}

/** A function's text on one line. */
const LONG = 80;

function intendedOf({ declared: { intended } }: DecisionPoint): unknown {
  if (typeof intended !== 'function') return intended;
  const text = String(intended).replace(/\s+/g, ' ');
  return text.length <= LONG ? text : `${intended.name}()`;
}

const CHOSEN_AS: ReadonlyMap<string, string> = new Map(
  DESIGN_AXES.flatMap((axis) =>
    axis.values.flatMap(({ name, overrides }) =>
      overrides
        .filter(({ kind }) => kind === 'design')
        .map((override) => [override.name, `${axis.name}=${name}`] as const),
    ),
  ),
);

/** Every decision point with what is intended there, and who decides otherwise. */
export function listedRules(): readonly ListedRule[] {
  return DECISION_POINTS.map((point) => {
    const type = typeOf(point);
    const intended = intendedOf(point);
    const overriddenBy = OVERRIDES.filter(({ rules }) => answerAt(rules, point) !== undefined).map(
      ({ name }) => CHOSEN_AS.get(name) ?? name,
    );
    const said =
      typeof intended === 'string' && point.declared.kind !== 'function' ? `'${intended}'` : intended;
    const others = overriddenBy.length === 0 ? 'no override' : `overridden by ${overriddenBy.join(', ')}`;
    return {
      name: point.path,
      summary: point.declared.says,
      source: `${type}; intended ${String(said)}; ${others}`,
      machine: point.machine,
      point: point.name,
      type,
      intended,
      overriddenBy,
    };
  });
}
