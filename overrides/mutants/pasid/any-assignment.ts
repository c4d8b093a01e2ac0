import type { Override } from '../../../model/rules.ts';

export const anyAssignment: Override = {
  name: 'any-assignment',
  kind: 'mutant',
  summary: 'a host gives functions and slices away in whatever way it is asked to',
  source: 'seed 002: what each way of assigning a device would need of the hardware',
  rules: { pasid: { assignmentObjection: () => null } },
};
