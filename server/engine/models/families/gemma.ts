import { readLayerTypes, readWindow, withWindows } from '../blocks/attentionWindows.ts';
import type { ConfigReader } from '../configReader.ts';
import { decoderFamily } from '../blocks/decoder.ts';
import {
  readBiases,
  readDecoder,
  readDecoderWithoutRope,
  type DecoderConfig,
  type DecoderDefaults,
} from '../blocks/decoderConfig.ts';
import { ropeOf } from '../blocks/ropeConfig.ts';

const DEFAULTS = { tiedHead: true, headSize: 256, activation: 'gelu_pytorch_tanh' } as const satisfies DecoderDefaults;

/** What all Gemmas do: embeddings times the root of their width, norms by 1 + weight. */
const own = (json: ConfigReader, hiddenSize: number) => ({
  biases: readBiases(json),
  unitOffset: true,
  embeddingFactor: Math.fround(Math.sqrt(hiddenSize)),
});

/** What Gemma 2 and 3 add: norms around the parts, a scale of the scores of their own, bounds of scores and logits. */
const later = (json: ConfigReader, hiddenSize: number, caps: readonly [number | undefined, number | undefined]) => ({
  ...own(json, hiddenSize),
  norms: 'around' as const,
  scoreScale: 1 / Math.sqrt(json.positive('query_pre_attn_scalar', 256)),
  scoreCap: readCap(json, 'attn_logit_softcapping', caps[0]),
  logitCap: readCap(json, 'final_logit_softcapping', caps[1]),
});

const readCap = (json: ConfigReader, key: string, fallback: number | undefined): number | undefined =>
  json.optionalPositive(key) ?? (json.has(key) ? undefined : fallback);

/** Gemma (arXiv 2403.08295). Its first configurations say "gelu" of the tanh approximation, or name it in `hidden_activation`. */
export const gemma = decoderFamily('gemma', (json) => {
  const key = json.optionalText('hidden_activation') === undefined ? 'hidden_act' : 'hidden_activation';
  const named = json.text('hidden_act', 'gelu_pytorch_tanh');
  const config = readDecoder(json, 'Gemma', { ...DEFAULTS, maxPositions: 8192, activationKey: key });
  const activation = key === 'hidden_act' && named === 'gelu' ? 'FastGelu' : config.activation;
  return { ...config, ...own(json, config.hiddenSize), activation };
});

/** Gemma 2 (arXiv 2408.00118): every other layer within a window, the first among them. */
export const gemma2 = decoderFamily('gemma2', (json) => {
  const config = readDecoder(json, 'Gemma 2', { ...DEFAULTS, maxPositions: 8192, ...activationKey(json) });
  const types = readLayerTypes(json, config.layers, (i) => i % 2 === 0);
  const window = readWindow(json, 4096);
  // Its first files have the window a second time.
  if (json.count('sliding_window_size', window ?? 4096) !== (window ?? 4096)) {
    throw json.unsupported('"sliding_window_size" other than "sliding_window"');
  }
  return withWindows({ ...config, ...later(json, config.hiddenSize, [50, 30]) }, window, types);
});

/** `hidden_activation`; `hidden_act`, which files of before it have beside it, is not what is computed. */
function activationKey(json: ConfigReader): Pick<DecoderDefaults, 'activationKey'> {
  json.optionalText('hidden_act');
  return { activationKey: 'hidden_activation' };
}

/**
 * Gemma 3, text alone (arXiv 2503.19786): five layers within a window to each that sees everything, with a rotary
 * embedding of each kind, and norms of each head's queries and keys.
 */
export const gemma3 = decoderFamily('gemma3_text', (json) => {
  const config = readDecoderWithoutRope(json, 'Gemma 3', {
    ...DEFAULTS,
    maxPositions: 131_072,
    ...activationKey(json),
  });
  const pattern = json.count('sliding_window_pattern', json.count('_sliding_window_pattern', 6));
  const types = readLayerTypes(json, config.layers, (i) => (i + 1) % pattern !== 0);
  const layerKinds = types.map((type) => ({ rope: type === 'sliding_attention' ? 1 : 0, windowed: false }));
  const whole: DecoderConfig = {
    ...config,
    ...later(json, config.hiddenSize, [undefined, undefined]),
    headNorms: 'each',
    ropes: readRopes(json, config),
    layerKinds,
  };
  return withWindows(whole, readWindow(json, 4096), types);
});

/** The rotary embeddings of layers that see everything and of those within a window; scaling is of the former alone. */
function readRopes(
  json: ConfigReader,
  { headSize, maxPositions }: Omit<DecoderConfig, 'ropes'>,
): DecoderConfig['ropes'] {
  const [theta, localTheta] = [json.positive('rope_theta', 1e6), json.positive('rope_local_base_freq', 1e4)];
  const scaling = json.nested('rope_scaling');
  const parameters = json.nested('rope_parameters');
  const [full, local] = ['full_attention', 'sliding_attention'].map((type) => parameters?.nested(type));
  parameters?.refuseUnread('rotary embeddings by kinds of layers');
  const sizes = { headSize, maxPositions };
  return [
    ropeOf(scaling ?? full ?? json.without(), 'rope', { ...sizes, theta }).rope,
    ropeOf(local ?? json.without(), 'rope.local', { ...sizes, theta: localTheta }).rope,
  ];
}
