/**
 * The decision points, by machine. Each machine declares its own part here, beside its rules:
 * `declare module '../world/rules.ts' { interface Rules { … } }`, so that no machine is known below it.
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the machines
export interface Rules {}
