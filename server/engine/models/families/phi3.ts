import { readWindow, withWindows } from '../blocks/attentionWindows.ts';
import { decoderFamily } from '../blocks/decoder.ts';
import { readBiases, readDecoder } from '../blocks/decoderConfig.ts';

/** Phi-3 and Phi-4 (arXiv 2404.14219, 2412.08905): Llama with fused projections; Phi-4-mini rotates a part of each head. */
export const phi3 = decoderFamily(
  'phi3',
  (json) => {
    const defaults = { maxPositions: 4096, originalPositions: 4096, epsilon: 1e-5 };
    const config = { ...readDecoder(json, 'Phi-3', defaults), biases: readBiases(json, true), fused: true };
    if (config.biases.qkv || config.biases.mlp) throw json.unsupported('A bias in a Phi-3');
    const everywhere = Array<'sliding_attention'>(config.layers).fill('sliding_attention');
    return withWindows(config, readWindow(json), everywhere);
  },
  ['qkv_proj'],
);
