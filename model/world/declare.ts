/** How a decision point is declared: with the kind of its answer, its intended answer, and a sentence on what it decides. */
export type Declaration<Answer = unknown> = {
  /** What it decides, in a sentence. */
  readonly says: string;
  readonly intended: Answer;
} & (
  | { readonly kind: 'flag' }
  | { readonly kind: 'choice'; readonly values: readonly unknown[] }
  /** `type` as in TypeScript. */
  | { readonly kind: 'value'; readonly type: string }
  | { readonly kind: 'function'; readonly type: string }
);

/** The decision points of a machine. */
export type Declarations = Readonly<Record<string, Declaration>>;

/** The rules that have an answer to each of these. */
export type RulesOf<Points extends Declarations> = {
  readonly [Point in keyof Points]: Points[Point] extends Declaration<infer Answer> ? Answer : never;
};

/** A yes or no. */
export function flag(says: string, intended: boolean): Declaration<boolean> {
  return { says, kind: 'flag', intended };
}

/** One of a few. */
export function choice<const Value extends string | number>(
  says: string,
  values: readonly Value[],
  intended: NoInfer<Value>,
): Declaration<Value> {
  return { says, kind: 'choice', values, intended };
}

/** A number or a list, which `type` names as TypeScript does. */
export function value<Type>(says: string, type: string, intended: NoInfer<Type>): Declaration<Type> {
  return { says, kind: 'value', type, intended };
}

/** What depends on something: a pure function. `type` is the text of `Type`, which is there at run time. */
export function decision<Type>(says: string, type: string, intended: NoInfer<Type>): Declaration<Type> {
  return { says, kind: 'function', type, intended };
}

/** What is intended at each of these decision points. */
export function intendedOf<Points extends Declarations>(points: Points): RulesOf<Points> {
  const answers = Object.entries(points).map(([name, { intended }]) => [name, intended] as const);
  // The names are those of the declarations, and each has the answer that is declared with it.
  return Object.freeze(Object.fromEntries(answers)) as unknown as RulesOf<Points>;
}
