import type { ConfigReader } from '../configReader.ts';
import type { DecoderConfig } from './decoderConfig.ts';

const TYPES = ['full_attention', 'sliding_attention'] as const;
export type LayerType = (typeof TYPES)[number];

/** `layer_types`, or what a family makes of a layer's index where config.json does not list them. */
export function readLayerTypes(
  json: ConfigReader,
  layers: number,
  isWindowed: (layer: number) => boolean,
): readonly LayerType[] {
  const types = Array.from({ length: layers }, (_, i) => (isWindowed(i) ? 'sliding_attention' : 'full_attention'));
  return json.choices('layer_types', layers, TYPES) ?? types;
}

/** `sliding_window`: missing is the family's default, null is none. */
export function readWindow(json: ConfigReader, fallback?: number): number | undefined {
  return json.optionalCount('sliding_window') ?? (json.has('sliding_window') ? undefined : fallback);
}

/**
 * The configuration with these layers attending to the last `window` positions, their own included. A window that no
 * text is longer than is none.
 */
export function withWindows<C extends Pick<DecoderConfig, 'layerKinds' | 'maxPositions'>>(
  config: C,
  window: number | undefined,
  types: readonly LayerType[],
): C {
  if (window === undefined || window >= config.maxPositions) return config;
  const layerKinds = config.layerKinds.map((kind, i) => ({ ...kind, windowed: types[i] === 'sliding_attention' }));
  return layerKinds.some(({ windowed }) => windowed) ? { ...config, layerKinds, window } : config;
}
