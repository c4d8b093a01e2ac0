/*
 * What a trace file may hold. What writes traces keeps to the same numbers as what reads them, and refuses or cuts what
 * would be more where it enters: options, modules, sentences of properties.
 */

/** Characters in one trace file. */
export const MAX_TRACE_LENGTH = 16 * 1024 * 1024;

/** Steps in one trace file. */
export const MAX_STEPS = 10_000;

/** Characters of what a property says of a violation; a module's property that says more is cut. */
export const MAX_VIOLATION = 4096;

/** Characters of the path of a user's module: what Linux allows (PATH_MAX). */
export const MAX_PATH = 4096;

/** Characters that name what a module brings along. */
export const MAX_DESIGN = 16 * 1024;

/** Bugs that are switched on together. */
export const MAX_DEFECTS = 1024;

/** Design axes and modules together. */
export const MAX_DESIGNS = 64;

/** Arguments or outputs of one step: no command has a quarter of that. */
export const MAX_FIELDS = 64;
