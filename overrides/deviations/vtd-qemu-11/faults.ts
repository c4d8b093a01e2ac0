import { deviation, type VtdDeviation } from './vtd-deviation.ts';

const no = () => false;

/** What is reported, and as what. */
export const faultDeviations: readonly VtdDeviation[] = [
  deviation(
    'vtd-legacy-reasons',
    'Faults of root and context entries and of second-stage tables are reported with the reasons of legacy mode, in scalable mode too.',
    'VT-d 7.1.3; drivers/iommu/intel/dmar.c, dma_remap_sm_fault_reasons',
    { vtdArchitecture: { scalableModeHasOwnReasons: no() } },
  ),
  deviation(
    'vtd-interrupt-reason-by-unit',
    'A unit that supports scalable mode reports an output in the interrupt range with the reason of scalable mode, also under a legacy root table.',
    'VT-d LGN.4, SGN.8',
    { vtdArchitecture: { interruptReasonIsOfMode: no() } },
  ),
  deviation(
    'vtd-fpd-not-for-pasid-table',
    'FPD of a PASID directory or table entry does not disable the faults of these entries themselves.',
    'VT-d 9.5, 9.6',
    { vtdArchitecture: { fpdCoversPasidTable: no() } },
  ),
  deviation(
    'vtd-reserved-context-unqualified',
    'FPD does not disable the fault of a reserved bit in a context entry.',
    'VT-d 7.1.3, LCT.3, SCT.3',
    { vtdArchitecture: { reservedContextIsQualified: no() } },
  ),
];
