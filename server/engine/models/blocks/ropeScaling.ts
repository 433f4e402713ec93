/** How rotary frequencies are changed so that a model reads further than it was trained at first; Transformers' `rope_type`. */
export type RopeScaling =
  | { readonly kind: 'default' }
  /** Positions divided by the factor (arXiv 2306.15595). */
  | { readonly kind: 'linear'; readonly factor: number }
  /** Llama 3.1 (arXiv 2407.21783): low frequencies divided, high ones kept, those between blended. */
  | {
      readonly kind: 'llama3';
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      readonly originalPositions: number;
    }
  | Yarn
  /** A divisor for each frequency (LongRoPE, arXiv 2402.13753), and a factor of the tables. */
  | { readonly kind: 'longrope'; readonly factors: readonly number[]; readonly magnitude: number };

/** YaRN (arXiv 2309.00071, section 3.2): frequencies blended by how often they turn within the original length. */
interface Yarn {
  readonly kind: 'yarn';
  readonly factor: number;
  readonly originalPositions: number;
  readonly betaFast: number;
  readonly betaSlow: number;
  /** Whether the borders between the blends are whole dimensions. */
  readonly truncate: boolean;
  /** Factor of the tables (section 3.3). */
  readonly magnitude: number;
}

/** Frequencies of the pairs of a head in radians a position, float32, and the factor of their cosines and sines. */
export function scaledFrequencies({
  size,
  theta,
  scaling,
}: {
  readonly size: number;
  readonly theta: number;
  readonly scaling: RopeScaling;
}): { readonly frequencies: Float32Array; readonly magnitude: number } {
  const magnitude = 'magnitude' in scaling ? Math.fround(scaling.magnitude) : 1;
  const powers = Float32Array.from({ length: size / 2 }, (_, i) => Math.pow(theta, Math.fround((2 * i) / size)));
  const scaled = (i: number): number => {
    const power = powers[i] ?? NaN;
    const plain = Math.fround(1 / power);
    switch (scaling.kind) {
      case 'default':
        return plain;
      case 'linear':
        return plain / scaling.factor;
      case 'llama3':
        return llama3(plain, scaling);
      case 'yarn':
        return plain * (1 - ramp(i, size, theta, scaling)) + (plain / scaling.factor) * ramp(i, size, theta, scaling);
      case 'longrope':
        return 1 / Math.fround((scaling.factors[i] ?? NaN) * power);
    }
  };
  return { frequencies: Float32Array.from(powers, (_, i) => scaled(i)), magnitude };
}

function llama3(
  frequency: number,
  {
    factor,
    lowFrequencyFactor: low,
    highFrequencyFactor: high,
    originalPositions,
  }: Extract<RopeScaling, { kind: 'llama3' }>,
): number {
  const turns = (originalPositions * frequency) / (2 * Math.PI);
  if (turns < low) return frequency / factor;
  if (turns > high) return frequency;
  const blend = (turns - low) / (high - low);
  return ((1 - blend) * frequency) / factor + blend * frequency;
}

/** How far pair `i` is interpolated: 0 for those that turn often, 1 for those that turn seldom. */
function ramp(i: number, size: number, theta: number, yarn: Yarn): number {
  // The dimension whose frequency turns so many times within the original length.
  const dimension = (turns: number): number =>
    (size * Math.log(yarn.originalPositions / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
  const [fast, slow] = [dimension(yarn.betaFast), dimension(yarn.betaSlow)];
  const from = Math.max(yarn.truncate ? Math.floor(fast) : fast, 0);
  const to = Math.min(yarn.truncate ? Math.ceil(slow) : slow, size - 1);
  return Math.min(1, Math.max(0, (i - from) / (to === from ? 0.001 : to - from)));
}
