/** What the verdict takes for granted: no declaration changes it. */
export const assumptions = {
  leastTemplates: 5,
  leastSeeds: 3,
  /** Completions of one template are taken to be correlated at least so much (rho0). */
  leastCorrelation: 0.02,
  /** Chance with which what "would be shown" is shown: in 4 of 5 sweeps. */
  power: 0.8,
  /** A plan takes completions of one template to be correlated so much. */
  templateCorrelation: 0.05,
  /** Correlation of the samples of one prompt, where one sample a prompt cannot tell. */
  promptCorrelation: 0.2,
} as const;
