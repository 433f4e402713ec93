/** The energy of a matrix: the sum of its squared singular values, which is its squared Frobenius norm. */
export function energyOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}

/** The least number of leading values that hold `share` (0..1) of the energy; 0 where there is none. Largest first. */
export function rankOfEnergy(values: readonly number[], share: number): number {
  const needed = share * energyOf(values);
  if (needed === 0) return 0;
  let sum = 0;
  const last = values.findIndex((value) => (sum += value * value) >= needed);
  return last < 0 ? values.length : last + 1;
}
