/** A lens of made-up numbers, of the shape that a model of twelve layers gives. */
import type { LensArm, LensCell, LensResult } from '../../server/protocol/run/lens.ts';
import { moved } from './sampleArms.ts';

const words = [' nurse', ' teacher', ' cook', ' doctor', '<b>', '\n', ' clerk', ' maid'];
const layers = 13;

export function sampleLens({
  arms,
  prompt,
}: {
  readonly arms: readonly string[];
  readonly prompt: string;
}): LensResult {
  const tokens = prompt.split(/(?= )/).slice(0, 24);
  return {
    prompt,
    arms: arms.map((arm): LensArm => ({
      arm,
      tokens,
      layers: Array.from({ length: layers }, (_, layer) =>
        tokens.map((_token, position) => cellOf(arm, layer, position)),
      ),
    })),
  };
}

function cellOf(arm: string, layer: number, position: number): LensCell {
  const depth = layer / (layers - 1);
  const share = moved(arm);
  const top = Array.from({ length: 5 }, (_, i) => {
    const id = (position * 3 + layer + i + Math.round(share * depth * 5)) % words.length;
    return { id, token: words[id] ?? '', probability: (0.05 + 0.5 * depth) / (i + 1) };
  });
  const entropy = 8.2 * (1 - 0.8 * depth) + 0.4 * Math.sin(position + layer);
  return { top, entropy, ...(arm === 'base' ? {} : { kl: share * depth ** 2 * (1 + 0.3 * Math.cos(position)) }) };
}
