import { describe, expect, it } from 'vitest';
import { recordTrace } from '../../../checker/record.ts';
import { violationOf } from '../../../checker/violation.ts';
import { composeRules } from '../../../model/rules.ts';
import { nestingContainerActsAsV2 } from '../../../properties/legacy/nesting-container-acts-as-v2.ts';
import { VFIO_EXTENSION } from '../../../spec/vfio/container.ts';
import { container } from '../../../workload/scopes/container.ts';
import { GROUP, Lab, MEMORY, PAGE } from './lab.ts';

const { TYPE1, TYPE1V2, TYPE1_NESTING } = VFIO_EXTENSION;

/** The stage that translates a request of the group after DMA_MAP on a container of a type; or why there is no such container. */
function stageOf(type: number, group: number): unknown {
  const lab = new Lab();
  lab.start(type, group);
  lab.map(PAGE, PAGE);
  const answer = lab.dma(group, PAGE);
  return typeof answer === 'string' ? answer : answer.stage;
}

describe('what the thread says of containers', () => {
  it('"DMA_MAP ioctl on a NESTING container would populate second-level, and DMA_MAP on a normal container populates first-level"', () => {
    expect(stageOf(TYPE1_NESTING, GROUP.smmu)).toBe(2);
    expect(stageOf(TYPE1V2, GROUP.smmu)).toBe(1);
    expect(stageOf(TYPE1, GROUP.smmu)).toBe(1);
  });

  it('"if you\'re always going to use second-level by default, the distinction isn\'t necessary": nor where there is but one', () => {
    expect(stageOf(TYPE1V2, GROUP.secondLevel)).toBe(2);
    expect([TYPE1, TYPE1V2, TYPE1_NESTING].map((type) => stageOf(type, GROUP.stage1Only))).toEqual([1, 1, 1]);
  });

  it('"the SMMU drivers use it to know if they should create first- or second-level mappings": no promise that a guest can have stage 1', () => {
    const lab = new Lab();
    lab.start(TYPE1_NESTING, GROUP.stage1Only);
    expect(lab.map(PAGE, PAGE)).toEqual({});
    expect(lab.dma(GROUP.stage1Only, PAGE)).toEqual({ vaddr: MEMORY, stage: 1 });
  });

  it('since Linux 6.12 there are no nesting containers: CHECK_EXTENSION says so, and to be refused one breaks no promise', () => {
    const rules = composeRules([
      { name: 'none', kind: 'design', summary: '', source: '', rules: { legacy: { containersNest: false } } },
    ]);
    const lab = new Lab(rules);
    lab.do('containerOpen');
    expect(lab.do('containerCheckExtension', { extension: TYPE1_NESTING })).toEqual({ supported: 0 });
    const calls = [
      { actor: 'vmm:vm0', command: 'containerOpen', args: {} },
      { actor: 'vmm:vm0', command: 'groupOpen', args: {} },
      { actor: 'vmm:vm0', command: 'groupSetContainer', args: {} },
      { actor: 'vmm:vm0', command: 'containerSetIommu', args: { type: TYPE1_NESTING } },
    ] as const;
    expect(violationOf({ scope: container, rules }, nestingContainerActsAsV2, calls)).toBeNull();
    const trace = recordTrace(container, { rules, design: {}, defects: [] }, calls, null);
    expect(trace.steps.map(({ result }) => result.ok || result.errno)).toEqual([true, true, true, 'ENODEV']);
  });

  it('an IOMMU whose driver does not know the attribute has no nesting containers', () => {
    const lab = new Lab();
    lab.start(TYPE1_NESTING, GROUP.smmu);
    lab.do('groupOpen', { group: GROUP.secondLevel });
    expect(lab.do('groupSetContainer', { group: GROUP.secondLevel })).toBe('EINVAL');
  });
});
