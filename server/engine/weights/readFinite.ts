import { firstNonFinite } from '../../protocol/finite.ts';
import type { TensorSource } from './checkpoint.ts';
import { damaged } from './weightFile.ts';

/**
 * Reads one tensor as float32 into memory of its size, as `TensorSource.readInto`. Throws RankscopeError('model') naming the
 * tensor and the place of a value that is NaN or infinite: a model with one computes no number.
 */
export async function readFinite(
  source: Pick<TensorSource, 'readInto'>,
  name: string,
  out: Float32Array,
  where: string,
): Promise<void> {
  await source.readInto(name, out);
  const at = firstNonFinite(out);
  if (at >= 0) throw damaged(where, `element ${at} of tensor ${name} is ${out[at] ?? NaN}`);
}
