/**
 * What a check does if nobody says otherwise: enough for every witness many times over, and done in a minute on a
 * small machine. The seed is fixed, so that two people who run the same command see the same.
 */
export const DEFAULTS = {
  runs: 5000,
  steps: 60,
  seed: 1,
  /** Milliseconds; only where the number of runs is not given either. */
  timeLimit: 45_000,
  /** The same where a defect is to be found, and once something is: that takes less than a proof of nothing. */
  defectTimeLimit: 27_000,
  foundTimeLimit: 10_000,
} as const;
