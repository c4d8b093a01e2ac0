import { type Deviation, deviationsOf } from '../deviation.ts';

/** A named way in which QEMU's intel-iommu departs from the VT-d specification. */
export type VtdDeviation = Deviation<'vtdArchitecture'>;

const RECORDED = 'QEMU 11.1.3, conformance/recordings/qemu-intel-iommu-11.1.3';

export const deviation = deviationsOf<'vtdArchitecture'>(`${RECORDED}; `);
