import type { Weights } from '../../../../server/engine/models/modelWeights.ts';
import type { TensorSource } from '../../../../server/engine/weights/checkpoint.ts';

/** Weights in memory as a checkpoint of float32, each tensor through `change` as it is read. */
export function checkpointOf(
  weights: Weights,
  change: (name: string, data: Float32Array) => void = () => undefined,
): { readonly path: string; readonly tensors: TensorSource } {
  const tensors: TensorSource = {
    tensors: new Map([...weights].map(([name, { dims }]) => [name, { name, shape: dims, storage: 'F32' }])),
    readInto: (name, out) => {
      out.set(weights.get(name)?.data ?? []);
      change(name, out);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  return { path: 'here', tensors };
}
