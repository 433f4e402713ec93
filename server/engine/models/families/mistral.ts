import { readWindow, withWindows } from '../blocks/attentionWindows.ts';
import { decoderFamily } from '../blocks/decoder.ts';
import { readDecoder } from '../blocks/decoderConfig.ts';

/** Mistral 7B and its kin (arXiv 2310.06825): Llama, in earlier versions with a window in every layer. */
export const mistral = decoderFamily('mistral', (json) => {
  const config = readDecoder(json, 'Mistral', { maxPositions: 131_072 });
  return withWindows(
    config,
    readWindow(json, 4096),
    Array<'sliding_attention'>(config.layers).fill('sliding_attention'),
  );
});
