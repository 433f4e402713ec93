/** Natural-log probabilities of a row of logits, computed in float64. */
export function logSoftmax(logits: Float32Array): Float32Array {
  let top = -Infinity;
  for (const x of logits) if (x > top) top = x;
  let mass = 0;
  for (const x of logits) mass += Math.exp(x - top);
  const logMass = top + Math.log(mass);
  return Float32Array.from(logits, (x) => x - logMass);
}
