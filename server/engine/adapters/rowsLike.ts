import { internal } from '../../protocol/errors.ts';
import type { Value } from '../ops/value.ts';
import type { Emit } from '../ops/emit.ts';

/**
 * The rows of `perToken` [T, width] that belong to those of `x`: all of them inside the layers, and for a map that is
 * applied after rows were chosen (a pooler, a projection before the head) the chosen ones, by the input `label_rows`.
 */
export function rowsLike(x: Value, perToken: Value, e: Emit): Value {
  if (x.shape[0] === perToken.shape[0]) return perToken;
  const rows = e.graph.inputs.find(({ name, shape }) => name === 'label_rows' && shape[0] === x.shape[0]);
  if (!rows) throw internal(`Adapters cannot tell which tokens the rows of ${x.name} are.`);
  return e.Gather(perToken, rows);
}
