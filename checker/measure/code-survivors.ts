/** Why nothing kills a mutant of the source text, by `nameOf` it (checker/pages/code-mutation.ts). */
export const CODE_SURVIVORS: Readonly<Record<string, string>> = {};
