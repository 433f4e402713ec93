/** How the learning rate goes over a run, as in Hugging Face's Trainer. */
export interface Schedule {
  readonly kind: 'constant' | 'linear' | 'cosine';
  /** Steps over which the rate rises from 0. */
  readonly warmupSteps: number;
}

/** The factor on the learning rate at a 1-based step of `steps`. */
export function scheduleFactor({ kind, warmupSteps }: Schedule, step: number, steps: number): number {
  const done = step - 1;
  if (done < warmupSteps) return done / Math.max(1, warmupSteps);
  const progress = (done - warmupSteps) / Math.max(1, steps - warmupSteps);
  if (kind === 'linear') return Math.max(0, 1 - progress);
  if (kind === 'cosine') return Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
  return 1;
}
