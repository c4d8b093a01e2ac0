/**
 * What a check does if nobody says otherwise: enough for every witness many times over, and done in a minute on a
 * small machine; on a slower one it takes longer, for a verdict does not depend on the clock. The seed is fixed, so that two people who run the same command see the same.
 */
export const DEFAULTS = {
  runs: 5000,
  steps: 60,
  seed: 1,
  /** The same where a defect is to be found: nearly twice what the latest of them has taken at any seed. */
  defectRuns: 2000,
} as const;
