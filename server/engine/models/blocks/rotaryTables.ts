import type { Parameter } from '../modelConfig.ts';
import type { RotaryTables } from '../modelContext.ts';
import { scaledFrequencies, type RopeScaling } from './ropeScaling.ts';

/** Rotary position embedding (RoFormer, arXiv 2104.09864) of some or all layers of a model. */
export interface Rope extends RotaryTables {
  readonly theta: number;
  readonly scaling: RopeScaling;
}

/** cos and sin of position x frequency, [maxPositions, size / 2]; frequencies are theta^(-2i/size), scaled. */
export function rotaryTables(rope: Rope, maxPositions: number): readonly Parameter[] {
  const half = rope.size / 2;
  const table = (f: (angle: number) => number): Float32Array => {
    const values = new Float32Array(maxPositions * half);
    const { frequencies, magnitude } = scaledFrequencies(rope);
    frequencies.forEach((frequency, i) => {
      // float32 throughout, as Transformers computes it: at far positions the rounding of the angle shows.
      for (let p = 0; p < maxPositions; p++) values[p * half + i] = magnitude * f(Math.fround(p * frequency));
    });
    return values;
  };
  const shape = [maxPositions, half];
  return [
    { name: `${rope.name}.cos`, shape, compute: () => table(Math.cos) },
    { name: `${rope.name}.sin`, shape, compute: () => table(Math.sin) },
  ];
}
