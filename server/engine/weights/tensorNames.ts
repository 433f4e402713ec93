import type { StoredTensor } from './checkpoint.ts';
import { damaged } from './weightFile.ts';

/**
 * The prefixes by which a model with a head holds its base model. Some files leave them out (GPT-2's on the hub say
 * `h.0...` for `transformer.h.0...`, OPT's `decoder.layers...`), others add them.
 */
const BASE_PREFIXES = [
  ...['model.decoder.', 'transformer.', 'model.', 'decoder.', 'gpt_neox.'],
  ...['bert.', 'roberta.', 'distilbert.', 'electra.', 'albert.'],
];

/** Names by what later files call the same. */
const LATER_NAMES: Readonly<Record<string, string>> = { 'embed_out.weight': 'lm_head.weight' };

/** What BERT checkpoints of TensorFlow's time call a norm's weight and bias. */
const OLD_ENDINGS: readonly (readonly [string, string])[] = [
  ['LayerNorm.weight', 'LayerNorm.gamma'],
  ['LayerNorm.bias', 'LayerNorm.beta'],
];

/**
 * The stored name of the tensor that `name` means: `name` itself, or with a base-model prefix left out, added or
 * exchanged, or an older ending. Undefined when none is there.
 */
export function resolveTensorName(tensors: ReadonlyMap<string, unknown>, name: string): string | undefined {
  if (tensors.has(name)) return name;
  const bare = [name, ...BASE_PREFIXES.filter((p) => name.startsWith(p)).map((p) => name.slice(p.length))];
  const candidates = bare.flatMap((base) => [base, ...BASE_PREFIXES.map((prefix) => prefix + base)]);
  const later = LATER_NAMES[name];
  return [...candidates, ...candidates.flatMap(older), ...(later === undefined ? [] : [later])].find((candidate) =>
    tensors.has(candidate),
  );
}

function older(name: string): readonly string[] {
  return OLD_ENDINGS.flatMap(([now, then]) => (name.endsWith(now) ? [name.slice(0, -now.length) + then] : []));
}

/** The tensor that `name` means. Throws RankscopeError('model') naming `where` and the tensor when none is there. */
export function findTensor(tensors: ReadonlyMap<string, StoredTensor>, name: string, where: string): StoredTensor {
  const stored = tensors.get(resolveTensorName(tensors, name) ?? '');
  if (stored !== undefined) return stored;
  throw damaged(
    where,
    `tensor ${name} is missing among its ${tensors.size} tensors`,
    'The checkpoint is incomplete, or its config.json is of another architecture: download it again.',
  );
}
