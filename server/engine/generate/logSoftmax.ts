/** Natural-log probabilities of a row of logits, computed in float64. */
export function logSoftmax(logits: Float32Array): Float32Array {
  let top = -Infinity;
  for (const x of logits) if (x > top) top = x;
  let mass = 0;
  for (const x of logits) mass += Math.exp(x - top);
  const logMass = top + Math.log(mass);
  // A loop: Float32Array.from with a function takes several times as long over a vocabulary.
  const row = new Float32Array(logits.length);
  for (let i = 0; i < row.length; i++) row[i] = (logits[i] ?? NaN) - logMass;
  return row;
}
