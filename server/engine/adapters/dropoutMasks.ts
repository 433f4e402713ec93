import { createRandom } from '../../random/random.ts';
import type { HostTensor } from '../onnx/runtime.ts';
import type { LoraArm } from './loraArm.ts';
import { dropoutInput } from './trainableSlots.ts';

/**
 * Inverted dropout masks of one batch, 0 or 1/(1 - p), a mask a target: drawn from the arm's seed, the step and the
 * micro-batch, so that a resumed run draws the same.
 */
export function dropoutMasks(
  { dropout, targets }: Pick<LoraArm, 'dropout' | 'targets'>,
  seed: number,
  { rows, step, micro }: { readonly rows: number; readonly step: number; readonly micro: number },
): (readonly [string, HostTensor])[] {
  if (dropout === 0) return [];
  const kept = 1 / (1 - dropout);
  return targets.map(({ name, inFeatures }, i) => {
    const random = createRandom(seed, step, micro, i);
    const data = Float32Array.from({ length: rows * inFeatures }, () => (random.uniform() < dropout ? 0 : kept));
    return [dropoutInput(name), { data, dims: [rows, inFeatures] }];
  });
}
