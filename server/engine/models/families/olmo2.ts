import { decoderFamily } from '../blocks/decoder.ts';
import { readBiases, readDecoder } from '../blocks/decoderConfig.ts';

/** OLMo 2 (arXiv 2501.00656): norms of what the parts give, and of all queries and all keys together. */
export const olmo2 = decoderFamily('olmo2', (json) => ({
  ...readDecoder(json, 'OLMo 2', { epsilon: 1e-5 }),
  biases: readBiases(json),
  norms: 'after',
  headNorms: 'all',
}));
