import { readLayerTypes, readWindow, withWindows } from '../blocks/attentionWindows.ts';
import { decoderFamily } from '../blocks/decoder.ts';
import { readBiases, readDecoder } from '../blocks/decoderConfig.ts';

/** SmolLM3: Llama with layers that have no positions (RNoPE, arXiv 2501.18795), every fourth unless told otherwise. */
export const smollm3 = decoderFamily('smollm3', (json) => {
  const config = readDecoder(json, 'SmolLM3', { maxPositions: 32_768, tiedHead: true, theta: 2_000_000 });
  const interval = json.count('no_rope_layer_interval', 4);
  // 1 for layers that have positions.
  const listed = json.choices('no_rope_layers', config.layers, [0, 1]);
  const hasRope = (i: number): boolean => (listed ? listed[i] === 1 : (i + 1) % interval !== 0);
  const layerKinds = config.layerKinds.map((kind, i) => ({ ...kind, rope: hasRope(i) ? 0 : undefined }));
  const window = readWindow(json);
  const isUsed = json.flag('use_sliding_window', false);
  const types = readLayerTypes(json, config.layers, (i) => isUsed && !hasRope(i));
  const withoutWindow = { ...config, layerKinds, biases: readBiases(json, true) };
  return isUsed ? withWindows(withoutWindow, window, types) : withoutWindow;
});
