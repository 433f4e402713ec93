import type { JsonObject } from '../weights/checkpoint.ts';
import type { SafetensorsSource } from '../weights/openSafetensors.ts';

const HEADS = ['lm_head.weight', 'embed_out.weight'];

/** The embedding that a head is tied to, as the families name it, with or without the prefix of the base model. */
const EMBEDDING = /^(?:.*\.)?(?:embed_tokens|embed_in|wte|word_embeddings)\.weight$/;

/**
 * Whether a checkpoint whose configuration ties the head to the embedding (or leaves it to the family) stores a head
 * that is another matrix, which then is the model's head: so it is with checkpoints whose configuration is wrong.
 */
export async function hasHeadOfItsOwn(
  { tie_word_embeddings: tied }: JsonObject,
  source: SafetensorsSource,
): Promise<boolean> {
  const head = HEADS.flatMap((name) => source.tensors.get(name) ?? [])[0];
  const embedding = [...source.tensors.values()].find(({ name }) => EMBEDDING.test(name));
  if (tied === false || !head || head.shape.join() !== embedding?.shape.join()) return false;
  return !(await source.isEqual(head.name, embedding.name));
}
