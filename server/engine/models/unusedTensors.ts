import { RankscopeError } from '../../protocol/errors.ts';
import type { TensorSource } from '../weights/checkpoint.ts';
import { resolveTensorName } from '../weights/tensorNames.ts';
import { parametersOf, type ModelDefinition } from './modelDefinition.ts';

/** Tables that are computed from the configuration and that older files hold all the same: angles, masks, positions. */
const TABLES: readonly RegExp[] = [
  /(^|\.)rotary_emb\.inv_freq$/,
  /\.(attn|attention)\.(bias|masked_bias)$/,
  /(^|\.)position_ids$/,
];

/** A head that is stored although it is the embedding. */
const HEAD = /^(lm_head|embed_out)\.weight$/;

/** How many names an error lists. */
const LISTED = 5;

/**
 * Throws RankscopeError('model') naming the tensors of a checkpoint that the definition has no place for: a model that is
 * computed without some of its weights is another model.
 */
export function checkUnused(definition: ModelDefinition, { tensors }: TensorSource, where: string): void {
  const { family } = definition;
  const used = new Set(parametersOf(definition).map(({ name }) => resolveTensorName(tensors, name)));
  const expected = [...TABLES, HEAD, ...(family.otherHeads ?? [])];
  const unused = [...tensors.keys()].filter(
    (name) => !used.has(name) && !expected.some((pattern) => pattern.test(name)),
  );
  if (unused.length === 0) return;
  const rest = unused.length > LISTED ? ` and ${unused.length - LISTED} more` : '';
  throw new RankscopeError({
    code: 'model',
    where,
    what: `A ${family.modelTypes[0]} of this configuration has no place for ${unused.slice(0, LISTED).join(', ')}${rest}.`,
    remedy:
      'Check that config.json and the weights belong to the same checkpoint; adapters and quantised weights are no models.',
  });
}
