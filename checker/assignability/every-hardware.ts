import {
  ALLOCATIONS,
  contradictionIn,
  ENTRY_FORMS,
  type EntryForm,
  GRANULARITIES,
  type IommuHardware,
  TABLE_POINTERS,
} from '../../spec/pasid/hardware.ts';

const YES_NO = [false, true] as const;

/** Everything that can be asked of a description, and the answers that there are. Forms are asked for one by one. */
const ANSWERS = {
  ...Object.fromEntries(
    (['withPasid', 'withoutPasid'] as const).flatMap((forms) =>
      ENTRY_FORMS.map((form) => [`${forms}.${form}`, YES_NO] as const),
    ),
  ),
  stage2Root: GRANULARITIES,
  nestingAttribute: GRANULARITIES,
  pasidTable: TABLE_POINTERS,
  allocation: ALLOCATIONS,
  slicesTagged: YES_NO,
  translatesPasids: YES_NO,
} as const satisfies Readonly<Record<string, readonly (string | boolean)[]>>;

const QUESTIONS: readonly string[] = Object.keys(ANSWERS);

function answersTo(question: string): readonly (string | boolean)[] {
  return (ANSWERS as Readonly<Record<string, readonly (string | boolean)[]>>)[question] ?? [];
}

/** A description as its answers, in the order of `QUESTIONS`. */
type Answered = readonly (string | boolean)[];

function everyCombination(): readonly Answered[] {
  let combinations: readonly Answered[] = [[]];
  for (const question of QUESTIONS)
    combinations = combinations.flatMap((so) => answersTo(question).map((answer) => [...so, answer]));
  return combinations;
}

/** Where the forms are asked for. */
const PLACES = {
  withPasid: ENTRY_FORMS.map((form) => QUESTIONS.indexOf(`withPasid.${form}`)),
  withoutPasid: ENTRY_FORMS.map((form) => QUESTIONS.indexOf(`withoutPasid.${form}`)),
};

function formsOf(answered: Answered, forms: 'withPasid' | 'withoutPasid'): readonly EntryForm[] {
  return ENTRY_FORMS.filter((_, at) => answered[PLACES[forms][at] as number] === true);
}

function described(answered: Answered): IommuHardware {
  // There are hundreds of thousands.
  const said: Record<string, string | boolean> = {};
  for (let at = 0; at < QUESTIONS.length; at++)
    said[QUESTIONS[at] as string] = answered[at] as string | boolean;
  return {
    // The rest of the record is what the questions are about; the table of answers has the same words.
    ...(said as unknown as IommuHardware),
    name: 'any',
    summary: '',
    source: '',
    withPasid: formsOf(answered, 'withPasid'),
    withoutPasid: formsOf(answered, 'withoutPasid'),
  };
}

let valid: readonly { readonly answered: Answered; readonly hardware: IommuHardware }[] | undefined;

/** Every description that does not contradict itself. */
function everyValid() {
  valid ??= everyCombination()
    .map((answered) => ({ answered, hardware: described(answered) }))
    .filter(({ hardware }) => contradictionIn(hardware) === null);
  return valid;
}

/** What was found for descriptions that agree in all that was asked of them. */
export interface Found<T> {
  readonly result: T;
  /** What was asked, with the answer. */
  readonly asked: Readonly<Record<string, string | boolean>>;
  /** Every description of which this holds. */
  readonly hardware: readonly IommuHardware[];
}

/**
 * Runs something for every description of hardware that does not contradict itself. It is given a description of which
 * nothing is settled but what it asks; what it never asked cannot matter to it, so that one run stands for all
 * descriptions that answer alike. Each description is in exactly one of the results.
 */
export function* forEveryHardware<T>(run: (hardware: IommuHardware) => T): Generator<Found<T>> {
  let left = everyValid();
  while (left.length > 0) {
    // Of all that has not been seen, the first. What it answers divides the rest into those like it and the others.
    let alike = left;
    const asked: Record<string, string | boolean> = {};
    const [first] = left;
    const result = run(
      answering((question) => {
        const at = QUESTIONS.indexOf(question);
        const answer = first?.answered[at] as string | boolean;
        if (!(question in asked)) {
          asked[question] = answer;
          alike = alike.filter(({ answered }) => answered[at] === answer);
        }
        return answer;
      }),
    );
    const seen = new Set(alike);
    left = left.filter((each) => !seen.has(each));
    yield { result, asked, hardware: alike.map(({ hardware }) => hardware) };
  }
}

/** A description that asks for each of its words once, when it is read. */
function answering(ask: (question: string) => string | boolean): IommuHardware {
  const hardware = {
    name: 'any',
    summary: '',
    source: '',
    withPasid: new AskedForms('withPasid', ask),
    withoutPasid: new AskedForms('withoutPasid', ask),
  };
  for (const question of QUESTIONS) {
    if (question.includes('.')) continue;
    const get = (): string | boolean => {
      const value = ask(question);
      Object.defineProperty(hardware, question, { value, configurable: true });
      return value;
    };
    Object.defineProperty(hardware, question, { get, configurable: true });
  }
  // All that the model does with a list of forms is to look for one; the other words are defined above.
  return hardware as unknown as IommuHardware;
}

/** A list of forms of which nothing but what is looked for is known. */
class AskedForms {
  readonly #forms: string;
  readonly #ask: (question: string) => string | boolean;
  readonly #known = new Map<EntryForm, boolean>();

  constructor(forms: string, ask: (question: string) => string | boolean) {
    this.#forms = forms;
    this.#ask = ask;
  }

  includes(form: EntryForm): boolean {
    let known = this.#known.get(form);
    if (known === undefined) {
      known = this.#ask(`${this.#forms}.${form}`) === true;
      this.#known.set(form, known);
    }
    return known;
  }
}
