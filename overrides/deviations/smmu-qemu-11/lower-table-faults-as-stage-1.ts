import type { SmmuDeviation } from './smmu-deviation.ts';

export const lowerTableFaultsAsStage1: SmmuDeviation = {
  name: 'lower-table-faults-as-stage-1',
  kind: 'deviation',
  summary:
    'Stage-2 faults on stage-1 tables below the TTB are reported with S2 = 0 and the address of the table, and CD.R decides whether.',
  source: 'QEMU 11.1.3 observation "nested: S1 L1 table IPA unmapped in S2"; IHI0070 7.3.13',
  rules: {
    smmuArchitecture: {
      tableFault: (fault, { table, first }, stage1Records) =>
        first
          ? fault
          : {
              ...fault,
              stage: 1,
              address: table,
              recorded: fault.name === 'F_WALK_EABT' || stage1Records,
            },
    },
  },
};
