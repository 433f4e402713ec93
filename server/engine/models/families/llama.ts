import { decoderFamily } from '../blocks/decoder.ts';
import { readBiases, readDecoder } from '../blocks/decoderConfig.ts';

/** Llama and its kin (Llama 2 and 3, SmolLM2, Tulu): the decoder as it is. */
export const llama = decoderFamily('llama', (json) => ({
  ...readDecoder(json, 'Llama'),
  biases: readBiases(json, true),
}));
