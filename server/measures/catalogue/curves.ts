/**
 * The catalogue of what is drawn over the steps of training. Panels, reports and the command line's lines iterate it.
 * Complete by type: a field that is new in an event of a step or a probe does not compile without its entry here.
 */
import type { ProbeEvent, StepEvent } from '../../protocol/run/run.ts';
import type { Text } from '../text/say.ts';
import type { Unit } from '../text/units.ts';

/** What a curve is called and how it is drawn. */
export interface CurveLook {
  /** Names its column on the way to a panel; unique in its table. */
  readonly key: string;
  readonly title: Text;
  /** What it is called in a line of text. */
  readonly short: Text;
  readonly unit: Unit;
  /** What the vertical axis says, where it is more than the unit. */
  readonly axis?: Text;
  /** Whether it is drawn over powers of ten, where all of its values are above zero. */
  readonly isLogarithmic?: boolean;
  /** Whether its single highest and lowest points matter, so that thinning must keep them. */
  readonly hasSpikes?: boolean;
}

export interface Curve<Event> extends CurveLook {
  /** Undefined where nothing was measured. */
  readonly read: (event: Event) => number | undefined;
}

type StepCurve = Curve<StepEvent>;
type ProbeCurve = Curve<ProbeEvent>;

/** Where a point belongs, not what was measured there. */
type Place = 'time' | 'type' | 'arm' | 'step' | 'of';

/** A step that takes no measurable time would have no speed: the clock's resolution stands for it, seconds. */
const shortestStep = 1e-6;

const stepFields = {
  loss: [
    {
      key: 'loss',
      title: 'Training loss',
      short: 'loss',
      unit: 'nats',
      axis: 'nats per label token',
      read: ({ loss }) => loss,
      hasSpikes: true,
    },
  ],
  gradientNorm: [
    {
      key: 'gradientNorm',
      title: 'Gradient norm',
      short: 'gradient norm',
      unit: 'plain',
      axis: 'norm before clipping',
      read: ({ gradientNorm }) => gradientNorm,
      isLogarithmic: true,
      hasSpikes: true,
    },
  ],
  learningRate: [
    {
      key: 'learningRate',
      title: 'Learning rate',
      short: 'learning rate',
      unit: 'plain',
      axis: 'learning rate',
      read: ({ learningRate }) => learningRate,
    },
  ],
  tokens: [
    {
      key: 'tokensPerSecond',
      title: 'Training speed',
      short: 'tokens/s',
      unit: 'tokensPerSecond',
      read: ({ tokens, seconds }) => tokens / Math.max(seconds, shortestStep),
      hasSpikes: true,
    },
  ],
  // The speed is made of it.
  seconds: [],
  // The loss is a mean over them.
  labelTokens: [],
  memoryBytes: [
    {
      key: 'memoryBytes',
      title: 'Memory of the engine',
      short: 'memory',
      unit: 'bytes',
      axis: 'resident bytes',
      read: ({ memoryBytes }) => memoryBytes,
    },
  ],
} as const satisfies Readonly<Record<Exclude<keyof StepEvent, Place>, readonly StepCurve[]>>;

const probeFields = {
  heldOutLoss: [
    {
      key: 'heldOutLoss',
      title: 'Loss on the tune pairs, probed',
      short: 'held-out loss',
      unit: 'nats',
      axis: 'nats per token',
      read: ({ heldOutLoss }) => heldOutLoss,
      hasSpikes: true,
    },
  ],
  // The loss is a mean over them.
  heldOutTokens: [],
  forgetting: [
    {
      key: 'forgetting',
      title: 'Forgetting, probed',
      short: 'forgetting',
      unit: 'nats',
      axis: 'nats per token above the base',
      read: ({ forgetting }) => forgetting,
      hasSpikes: true,
    },
  ],
  kl: [
    {
      key: 'kl',
      title: 'KL from the base, probed',
      short: 'KL',
      unit: 'nats',
      read: ({ kl }) => kl,
      isLogarithmic: true,
      hasSpikes: true,
    },
  ],
  toxicityRate: [
    {
      key: 'toxicityRate',
      title: 'Toxicity rate, probed',
      short: 'toxic',
      unit: 'share',
      axis: 'toxic completions',
      read: ({ toxicityRate }) => toxicityRate,
      hasSpikes: true,
    },
  ],
  // The interval of the rate, which tables of equal loss show.
  toxicityLow: [],
  toxicityHigh: [],
  groupGap: [
    {
      key: 'groupGap',
      title: 'Gap between groups, probed',
      short: 'group gap',
      unit: 'share',
      axis: 'largest difference in toxic completions',
      read: ({ groupGap }) => groupGap,
      hasSpikes: true,
    },
  ],
  entropy: [
    { key: 'entropy', title: 'Entropy, probed', short: 'entropy', unit: 'nats', read: ({ entropy }) => entropy },
  ],
  // How many prompts the probe had, which all of its curves rest on.
  n: [],
} as const satisfies Readonly<Record<Exclude<keyof ProbeEvent, Place>, readonly ProbeCurve[]>>;

/** In the order in which they are drawn. */
export const stepCurves: readonly StepCurve[] = Object.values(stepFields).flat();
export const probeCurves: readonly ProbeCurve[] = Object.values(probeFields).flat();

/** The values of an event by the key of their curves; NaN where nothing was measured. */
export function curveValues<Event>(curves: readonly Curve<Event>[], event: Event): Readonly<Record<string, number>> {
  const values: Record<string, number> = {};
  for (const { key, read } of curves) values[key] = read(event) ?? NaN;
  return values;
}
