import { describe, expect, it } from 'vitest';
import { VFIO_EXTENSION } from '../../../spec/vfio/container.ts';
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

  it('an IOMMU whose driver does not know the attribute has no nesting containers', () => {
    const lab = new Lab();
    lab.start(TYPE1_NESTING, GROUP.smmu);
    lab.do('groupOpen', { group: GROUP.secondLevel });
    expect(lab.do('groupSetContainer', { group: GROUP.secondLevel })).toBe('EINVAL');
  });
});
