import { DESIGN_AXES } from '../../overrides/index.ts';
import { generateCall } from '../../properties/generator/generate.ts';
import { scopeByName } from '../../properties/scopes/index.ts';
import { VSMMU_PROPERTIES } from '../../properties/vsmmu.ts';
import { check } from '../check.ts';
import type { CheckReport } from '../report.ts';
import { type SelectedRules, selectRules } from '../select/rules.ts';

/** A design, and what a check of every property of a vSMMU's life said of it. */
export interface CheckedDesign {
  /** `vsmmu=inherit` */
  readonly selector: string;
  readonly summary: string;
  readonly source: string;
  readonly selection: SelectedRules;
  readonly report: CheckReport;
}

const SCOPES = ['one-vsmmu', 'mixed-host'].flatMap((name) => scopeByName(name) ?? []);

/** Enough that `vsmmu=specified` reaches every witness, and few enough to be done at every test. */
const RUNS = 300;
const STEPS = 60;

/** Every value of the axis `vsmmu`, and those of `vmm` that are not its default. */
function selectors(): readonly { selector: string; summary: string; source: string }[] {
  return DESIGN_AXES.flatMap(({ name, values }) => {
    const listed = name === 'vsmmu' ? values : name === 'vmm' ? values.slice(1) : [];
    return listed.map((value) => ({
      selector: `${name}=${value.name}`,
      summary: value.summary,
      source: value.source,
    }));
  });
}

/** Checks every property of a vSMMU's life under every design; the same each time. */
export async function checkVsmmuDesigns(): Promise<readonly CheckedDesign[]> {
  const checked: CheckedDesign[] = [];
  for (const design of selectors()) {
    const selection = await selectRules([design.selector], []);
    const report = await check({
      scopes: SCOPES,
      properties: VSMMU_PROPERTIES,
      selection,
      generate: generateCall,
      seed: 1,
      runs: RUNS,
      steps: STEPS,
      timeLimit: null,
    });
    checked.push({ ...design, selection, report });
  }
  return checked;
}
