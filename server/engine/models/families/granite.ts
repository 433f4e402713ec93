import { decoderFamily } from '../blocks/decoder.ts';
import { readBiases, readDecoder } from '../blocks/decoderConfig.ts';

/** Granite 3 and 4, dense: Llama with factors of embeddings, scores, residual additions and logits (muP, arXiv 2404.05728). */
export const granite = decoderFamily('granite', (json) => ({
  ...readDecoder(json, 'Granite'),
  biases: readBiases(json, true),
  embeddingFactor: json.positive('embedding_multiplier', 1),
  scoreScale: json.positive('attention_multiplier', 1),
  residualFactor: json.positive('residual_multiplier', 1),
  logitFactor: 1 / json.positive('logits_scaling', 1),
}));
