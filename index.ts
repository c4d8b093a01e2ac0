/*
 * What programs may build on: the model and its rules, traces, the checker, and the comparison with recordings.
 */

export { type CheckPlan, type Controls, check, type Progress } from './checker/check.ts';
export { DEFAULTS } from './checker/defaults.ts';
export { expectHolds, ViolationError } from './checker/expect.ts';
export {
  type ExploreControls,
  type ExplorePlan,
  type ExploreReport,
  explore,
} from './checker/explore/explore.ts';
export { exploreReportToJson } from './checker/explore/json.ts';
export { readTraceFile, writeTraceFile } from './checker/files.ts';
export { isMinimal, minimise, type Shows } from './checker/minimise.ts';
export type { Coverage } from './checker/monitor.ts';
export { isOneMinimal } from './checker/one-minimal.ts';
export { changedScope } from './checker/platform/apply.ts';
export { scopeOfTrace } from './checker/platform/select.ts';
export { arbitraryRun, type Generate, type Source, showsViolation } from './checker/random/engine.ts';
export { recordTrace, type Selection, type Showing } from './checker/record.ts';
export { renderBrief } from './checker/render/brief.ts';
export { renderMermaid } from './checker/render/mermaid.ts';
export { type Drawing, renderText } from './checker/render/text.ts';
export { type Drift, type ReplaySetting, replayTrace } from './checker/replay.ts';
export { type CheckReport, checkReportToJson, type PropertyReport, type Verdict } from './checker/report.ts';
export { Execution, type Found, type Setting } from './checker/run.ts';
export { selectRules, selectTraceRules } from './checker/select/rules.ts';
export { UsageError } from './checker/select/usage-error.ts';
export type { UserProperty } from './checker/select/user-property.ts';
export { printTrace, traceToJson } from './checker/trace/encode.ts';
export { parseTrace, TraceError } from './checker/trace/parse.ts';
export type { Guarantee, Trace, TraceStep } from './checker/trace/trace.ts';
export { violationOf } from './checker/violation.ts';
export { type Watch, watchOf } from './checker/watch.ts';
export { conformFile, type Disagreement, type FileReport, InputError } from './conformance/index.ts';
export { bootWorld } from './model/boot.ts';
export {
  type Bindings,
  bindResult,
  type Call,
  NO_BINDINGS,
  resolveCall,
} from './model/call.ts';
export { COMMANDS } from './model/commands.ts';
export { admitted, CommandError, complaintOf } from './model/door.ts';
export { guardedStep as step } from './model/guarded.ts';
export type { Platform } from './model/platform/platform.ts';
export { composeRules, intended, type Override, type RuleChanges, type Rules } from './model/rules.ts';
export type { Step } from './model/step.ts';
export type { Command, CommandArgs, CommandName } from './model/world/command.ts';
export type { Effect, Result } from './model/world/result.ts';
export { decodeState, encodeState, whyNotCanonical } from './model/world/text.ts';
export type { World } from './model/world/world.ts';
export {
  type Axis,
  type AxisValue,
  DEFECTS,
  DESIGN_AXES,
  DEVIATIONS,
  MUTANTS,
  OVERRIDES,
} from './overrides/index.ts';
export { PROPERTIES } from './properties/index.ts';
export type { Property, Run, Transition } from './properties/property.ts';
export { decode, encode, update } from './spec/bits.ts';
export type { Argument } from './spec/command/argument.ts';
export type { CommandDeclaration } from './spec/command/declaration.ts';
export type { Errno } from './spec/errno.ts';
export { type IdRegisterName, type IdRegisterValues, idRegisters } from './spec/smmuv3/id-registers.ts';
export { AddressSize } from './spec/smmuv3/ste.ts';
export { fits, type Misfit, misfitText } from './spec/vsmmu/fits.ts';
export { leastCommon } from './spec/vsmmu/least-common.ts';
export {
  EMULATED_REGISTERS,
  specifiedRegisters,
  type VsmmuProperties,
} from './spec/vsmmu/registers.ts';
export type { Alphabet, Exploration } from './workload/alphabet/alphabet.ts';
export { EXPLORATIONS, explorationByName, explorationFor } from './workload/alphabet/index.ts';
export { generateCall } from './workload/generator/generate.ts';
export { SCOPES, scopeByName } from './workload/scopes/index.ts';
export type { PlatformChanges } from './workload/scopes/platform-changes.ts';
export type { Scope } from './workload/scopes/scope.ts';
