import type { ConfigReader } from '../configReader.ts';
import type { Rope } from './rotaryTables.ts';
import type { RopeScaling } from './ropeScaling.ts';

export interface RopeDefaults {
  readonly headSize: number;
  /** The model's longest sequence by config.json. */
  readonly maxPositions: number;
  /** The longest sequence before scaling; `maxPositions` unless given. */
  readonly originalPositions?: number;
  readonly theta?: number;
  /** Share of each head that is rotated. */
  readonly share?: number;
  /** What an older configuration calls theta and the share. */
  readonly thetaKey?: string;
  readonly shareKey?: string;
}

/** A rotary embedding as config.json describes it, and the longest sequence that it is right for. */
export interface ReadRope {
  readonly rope: Rope;
  readonly maxPositions: number;
}

/**
 * Reads `rope_parameters`, or the older `rope_scaling` with `rope_theta` beside it.
 * Throws RankscopeError('model') for a type or a field that is not known.
 */
export function readRope(json: ConfigReader, defaults: RopeDefaults): ReadRope {
  const { thetaKey = 'rope_theta', shareKey = 'partial_rotary_factor' } = defaults;
  const theta = json.positive(thetaKey, defaults.theta ?? 10_000);
  const share = json.positive(shareKey, defaults.share ?? 1);
  const scaling = json.nested('rope_scaling');
  const parameters = json.nested('rope_parameters');
  const original = json.optionalCount('original_max_position_embeddings') ?? defaults.originalPositions;
  return ropeOf(scaling ?? parameters ?? json.without(), 'rope', { ...defaults, theta, share }, original);
}

/** A rotary embedding from the object that describes it; `theta` and `share` where it is silent of them. */
export function ropeOf(
  json: ConfigReader,
  name: string,
  { headSize, maxPositions, theta = 10_000, share = 1 }: RopeDefaults,
  original?: number,
): ReadRope {
  const kind = json.optionalText('rope_type') ?? json.optionalText('type') ?? 'default';
  json.optionalText('type');
  const base = json.positive('rope_theta', theta);
  const size = Math.trunc(headSize * json.positive('partial_rotary_factor', share));
  if (size % 2 !== 0) throw json.unsupported(`A rotary embedding of ${size} of the ${headSize} numbers of a head`);
  const readScaling = Object.hasOwn(READERS, kind) ? READERS[kind] : undefined;
  if (!readScaling) throw json.unsupported(`Rope scaling of type ${JSON.stringify(kind)}`);
  const originalPositions = json.count('original_max_position_embeddings', original ?? maxPositions);
  const scaling = readScaling(json, { maxPositions, originalPositions, pairs: size / 2 });
  json.refuseUnread(`rope scaling of type "${kind}"`);
  // LongRoPE has other divisors for longer texts, which would change what was read before.
  const longest = kind === 'longrope' || kind === 'su' ? Math.min(maxPositions, originalPositions) : maxPositions;
  return { rope: { name, size, theta: base, scaling }, maxPositions: longest };
}

interface Lengths {
  readonly maxPositions: number;
  readonly originalPositions: number;
  readonly pairs: number;
}

const READERS: Readonly<Record<string, (json: ConfigReader, lengths: Lengths) => RopeScaling>> = {
  default: () => ({ kind: 'default' }),
  linear: (json) => ({ kind: 'linear', factor: json.positive('factor') }),
  llama3: (json, { originalPositions }) => ({
    kind: 'llama3',
    factor: json.positive('factor'),
    lowFrequencyFactor: json.positive('low_freq_factor'),
    highFrequencyFactor: json.positive('high_freq_factor'),
    originalPositions,
  }),
  yarn,
  longrope,
  // What Phi-3 called it at first.
  su: longrope,
};

function yarn(json: ConfigReader, { originalPositions }: Lengths): RopeScaling {
  const factor = json.positive('factor');
  const given = json.optionalPositive('attention_factor');
  const [mscale, mscaleAll] = [json.optionalPositive('mscale'), json.optionalPositive('mscale_all_dim')];
  const grown = (weight = 1): number => (factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1);
  const magnitude = given ?? (mscale && mscaleAll ? grown(mscale) / grown(mscaleAll) : grown());
  return {
    kind: 'yarn',
    factor,
    originalPositions,
    betaFast: json.positive('beta_fast', 32),
    betaSlow: json.positive('beta_slow', 1),
    truncate: json.flag('truncate', true),
    magnitude,
  };
}

/** The divisors of texts up to the original length; those of longer ones are not computed, see `ropeOf`. */
function longrope(json: ConfigReader, { originalPositions, maxPositions, pairs }: Lengths): RopeScaling {
  const factor = json.positive('factor', maxPositions / originalPositions);
  const grown = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(originalPositions));
  json.numbers('long_factor', pairs);
  const factors = json.numbers('short_factor', pairs);
  return { kind: 'longrope', factors, magnitude: json.optionalPositive('attention_factor') ?? grown };
}
