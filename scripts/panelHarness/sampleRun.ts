/** A run as a panel is told of it: its view and its curves at any moment of its training. */
import type { RunMetrics } from '../../server/protocol/run/run.ts';
import type { CurvePoints, RunState, RunUpdate, RunView } from '../../server/protocol/messages/runsContract.ts';
import { hostile, moved, sampleArms, sampleMetrics } from './sampleArms.ts';

export const runPath = '/home/ada/runs/demo';

export interface Moment {
  readonly state: RunState;
  /** Steps done of `of`. */
  readonly step: number;
  readonly of: number;
  readonly metrics?: RunMetrics;
  readonly failure?: string;
}

export function sampleView({ state, step, of, metrics, failure }: Moment): RunView {
  return {
    run: runPath,
    name: `Demo sweep ${hostile}`,
    state,
    created: '2026-03-04T10:00:00.000Z',
    model: 'examples/demo/model',
    judge: 'lexicon',
    experiment: metrics?.experiment ?? 'toxicity',
    arms: sampleArms.map((description) => ({
      description,
      state: description.method === 'base' ? 'finished' : state === 'finished' ? 'finished' : 'training',
      step: description.method === 'base' ? 0 : step,
      of: description.method === 'base' ? 0 : of,
    })),
    ...(state === 'running' || state === 'paused'
      ? { progress: { phase: 'training', done: step, total: of, secondsLeft: (of - step) / 10 } }
      : {}),
    warnings: ['3 completions of the arm r4 could not be judged.'],
    ...(failure === undefined ? {} : { failure }),
    armMetrics: metrics ? [...metrics.arms] : sampleMetrics.arms.slice(0, 1),
    ...(metrics ? { metrics } : {}),
  };
}

/** What is new from step `from` to `to` (both included); of the steps `every`-th only. */
export function sampleUpdate(moment: Moment, from: number, to: number, every = 1): RunUpdate {
  const steps = range(from, to, every);
  const probed = range(from, to, every).filter((step) => step % Math.max(1, Math.round(moment.of / 20)) === 0);
  const trained = sampleArms.filter(({ method }) => method !== 'base').map(({ id }) => id);
  return {
    view: sampleView(moment),
    curves: Object.fromEntries(trained.map((arm) => [arm, { replace: false, points: curveOf(arm, steps, moment.of) }])),
    probes: Object.fromEntries(
      trained.map((arm) => [arm, { replace: false, points: probesOf(arm, probed, moment.of) }]),
    ),
  };
}

function range(from: number, to: number, every: number): number[] {
  return Array.from({ length: Math.max(0, Math.floor((to - from) / every) + 1) }, (_, i) => from + i * every);
}

function curveOf(arm: string, steps: number[], of: number): CurvePoints {
  const share = moved(arm);
  return {
    step: steps,
    loss: steps.map((step) => 3.4 - (1.1 + share) * (1 - Math.exp((-4 * step) / of)) + 0.12 * noise(step, arm)),
    gradientNorm: steps.map((step) => 0.4 + 2 * Math.exp((-5 * step) / of) + 0.2 * Math.abs(noise(step, `${arm}g`))),
    learningRate: steps.map((step) => 2e-4 * Math.min(1, step / (0.05 * of)) * (1 - step / of)),
    tokensPerSecond: steps.map((step) => 3400 - 900 * share + 120 * noise(step, `${arm}t`)),
    memoryBytes: steps.map((step) => 310e6 + 90e6 * share + 4e6 * noise(Math.floor(step / 20), `${arm}m`)),
  };
}

function probesOf(arm: string, steps: number[], of: number): CurvePoints {
  const share = moved(arm);
  return {
    step: steps,
    heldOutLoss: steps.map((step) => 3.3 - (1 + share) * (1 - Math.exp((-4 * step) / of))),
    kl: steps.map((step) => 0.0006 * 10 ** (3.4 * share) * (1 - Math.exp((-3 * step) / of))),
    entropy: steps.map((step) => 3.23 + (0.1 * share * step) / of),
    // A probe whose completions could not be judged has no rate.
    toxicityRate: steps.map((step, i) => (i === 2 ? null : 0.265 * (1 - (share ** 2 * step) / of))),
  };
}

/** -1..1, the same for the same step and arm. */
function noise(step: number, arm: string): number {
  let word = step * 2654435761;
  for (const letter of arm) word = Math.imul(word ^ letter.charCodeAt(0), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return ((word >>> 0) / 4294967296) * 2 - 1;
}
