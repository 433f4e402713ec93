import type { Parameter } from '../modelConfig.ts';

/** cos and sin of position x theta^(-2i/headSize), [maxPositions, headSize / 2] (RoFormer, arXiv 2104.09864). */
export function rotaryTables(maxPositions: number, headSize: number, theta: number): readonly Parameter[] {
  const half = headSize / 2;
  const table = (f: (angle: number) => number): Float32Array => {
    const values = new Float32Array(maxPositions * half);
    for (let i = 0; i < half; i++) {
      // float32 throughout, as Transformers computes it: at far positions the rounding of the angle shows.
      const frequency = Math.fround(1 / Math.fround(Math.pow(theta, (2 * i) / headSize)));
      for (let p = 0; p < maxPositions; p++) values[p * half + i] = f(Math.fround(p * frequency));
    }
    return values;
  };
  const shape = [maxPositions, half];
  return [
    { name: 'rope.cos', shape, compute: () => table(Math.cos) },
    { name: 'rope.sin', shape, compute: () => table(Math.sin) },
  ];
}
