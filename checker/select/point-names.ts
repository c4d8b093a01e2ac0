import { DECISION_POINTS, type DecisionPoint } from '../../model/decision-points.ts';
import { RULE_NAMES } from '../../model/rules.ts';
import { oneLine } from '../outside/text.ts';
import { unknownText } from './by-name.ts';
import { nearestNames } from './nearest.ts';

/** Characters of a name that is unknown. */
const SHOWN = 60;

const PATHS: readonly string[] = DECISION_POINTS.map(({ path }) => path);

/** Names that decision points had before they were grouped by machine, where that has more than one or another name. */
const FORMER: ReadonlyMap<string, string> = new Map(
  Object.entries({
    accessLooksForIoas: 'accesses.looksForIoas',
    containerStage: 'legacy.stage',
    faultGroupIsReadWhole: 'pageRequests.groupIsReadWhole',
    msiWindowIsEnforced: 'msi.windowIsEnforced',
    msiWindowIsReserved: 'msi.windowIsReserved',
    pageAnswers: 'pageRequests.answers',
    shortFaultReadIsRefused: 'pageRequests.shortReadIsRefused',
    shortReadIsRefused: 'iommufd.shortReadIsRefused',
    vsmmuAsksWithoutDevice: 'vmm.asksWithoutDevice',
    vsmmuRegisters: 'vmm.registers',
  }),
);

/** The decision points of a machine; null: there is no such machine. */
export function pointsOf(machine: string): readonly DecisionPoint[] | null {
  return RULE_NAMES.some((each) => each === machine)
    ? DECISION_POINTS.filter((point) => point.machine === machine)
    : null;
}

/** The decision point of this name, of a machine or of any; else a sentence that says so and what could be meant. */
export function pointNamed(name: string, machine?: string): DecisionPoint | string {
  const path = machine === undefined ? (FORMER.get(name) ?? name) : `${machine}.${name}`;
  const found = DECISION_POINTS.find(
    (point) => point.path === path || (machine === undefined && point.name === path),
  );
  if (found !== undefined) return found;
  const elsewhere = DECISION_POINTS.filter((point) => point.name === name).map((point) => point.path);
  const near =
    elsewhere.length > 0
      ? elsewhere
      : nearestNames(name, DECISION_POINTS, (point) => point.name).map((point) => point.path);
  if (near.length === 0) return unknownText('decision point', path, PATHS);
  return `unknown decision point '${oneLine(path, SHOWN)}'; did you mean ${near.slice(0, 3).join(' or ')}?`;
}
