import { readLayerTypes, readWindow, withWindows } from '../blocks/attentionWindows.ts';
import type { ConfigReader } from '../configReader.ts';
import { decoderFamily } from '../blocks/decoder.ts';
import { readBiases, readDecoder, type DecoderConfig } from '../blocks/decoderConfig.ts';

/** Windows from layer `max_window_layers` on, where `use_sliding_window` is set. */
function withQwenWindows(json: ConfigReader, config: DecoderConfig): DecoderConfig {
  const first = json.index('max_window_layers', 28);
  const window = readWindow(json, 4096);
  const isUsed = json.flag('use_sliding_window', false);
  const types = readLayerTypes(json, config.layers, (i) => isUsed && i >= first);
  if (!isUsed && types.includes('sliding_attention')) {
    throw json.unsupported('"layer_types" with sliding attention where "use_sliding_window" is false');
  }
  return isUsed ? withWindows(config, window, types) : config;
}

/** Qwen2 and Qwen2.5 (arXiv 2407.10671): Llama with biases of queries, keys and values. */
export const qwen2 = decoderFamily('qwen2', (json) => {
  const config = readDecoder(json, 'Qwen2', { maxPositions: 32_768 });
  return withQwenWindows(json, { ...config, biases: { qkv: true, output: false, mlp: false } });
});

/** Qwen3, dense (arXiv 2505.09388): Llama with norms of each head's queries and keys. */
export const qwen3 = decoderFamily('qwen3', (json) => {
  const config = readDecoder(json, 'Qwen3', { maxPositions: 32_768, headSize: 128 });
  return withQwenWindows(json, { ...config, biases: readBiases(json), headNorms: 'each' });
});
