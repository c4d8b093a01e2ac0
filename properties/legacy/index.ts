import type { Property } from '../property.ts';
import { containerCallsAnswerAsDocumented } from './container-calls-answer-as-documented.ts';
import { containerGroupIsViable } from './container-group-is-viable.ts';
import { containerIovaRangesExact } from './container-iova-ranges-exact.ts';
import { containerMsiArrives } from './container-msi-arrives.ts';
import { containerRequestsGoWhereMapped } from './container-requests-go-where-mapped.ts';
import { nestingContainerActsAsV2 } from './nesting-container-acts-as-v2.ts';
import { nestingContainerLeavesStage1 } from './nesting-container-leaves-stage-1.ts';
import { unmapCutsNoMapping } from './unmap-cuts-no-mapping.ts';
import { unsafeInterruptsStayWithHost } from './unsafe-interrupts-stay-with-host.ts';

/** What holds of VFIO's old containers, in the order in which reports list it. */
export const LEGACY_PROPERTIES: readonly Property[] = [
  containerRequestsGoWhereMapped,
  nestingContainerLeavesStage1,
  nestingContainerActsAsV2,
  unmapCutsNoMapping,
  containerCallsAnswerAsDocumented,
  containerGroupIsViable,
  containerIovaRangesExact,
  containerMsiArrives,
  unsafeInterruptsStayWithHost,
];
