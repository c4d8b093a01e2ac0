import type { Override } from '../model/rules.ts';
import { linux72 } from './deviations/linux-7.2/index.ts';

/** One question on which designs differ, and the answers that can be chosen. The first is the default. */
export interface Axis {
  readonly name: string;
  readonly summary: string;
  readonly values: readonly AxisValue[];
}

export interface AxisValue {
  readonly name: string;
  readonly summary: string;
  readonly source: string;
  readonly overrides: readonly Override[];
}

/** The axes of `--design`. */
export const DESIGN_AXES: readonly Axis[] = [
  {
    name: 'kernel',
    summary: 'what the kernel does',
    values: [
      {
        name: 'intended',
        summary: 'what its documentation promises',
        source: 'Documentation/userspace-api/iommufd.rst, include/uapi/linux/iommufd.h',
        overrides: [],
      },
      {
        name: 'linux-7.2',
        summary: 'Linux 7.2.13 as recorded',
        source: 'conformance/recordings/linux-7.2.13',
        overrides: linux72,
      },
    ],
  },
];
