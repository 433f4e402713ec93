/** Figures over steps and rounds. */
import type { RoundResult } from '../../protocol/run.ts';
import { decimal, percent } from '../tables/armTable.ts';
import type { Html } from '../tables/htmlText.ts';
import { lineChart } from './lineChart.ts';
import type { LossCurve, ProbeCurve } from '../data/reportData.ts';

/** Training loss of each arm over its steps; undefined when nothing was trained. */
export function lossChart(losses: readonly LossCurve[]): Html | undefined {
  const curves = losses.map(({ arm, points }) => ({
    name: arm,
    points: points.map(({ step, loss }) => ({ x: step, y: loss })),
  }));
  const title = 'Training loss of each arm, nats per label token';
  return lineChart(curves, { title, tick: decimal, place: stepText });
}

/** How each arm moves away from the base as it is trained (paper figure 6 over the steps of fine-tuning). */
export function probeChart(probes: readonly ProbeCurve[]): Html | undefined {
  const curves = probes.map(({ arm, points }) => ({
    name: arm,
    points: points.map(({ step, kl }) => ({ x: step, y: kl })),
  }));
  const title = 'KL divergence of each arm from the base over its training, nats, logarithmic';
  return lineChart(curves, { title, tick: decimal, place: stepText, isLogarithmic: true });
}

/** Share of toxic completions of each arm after each round of mitigation. */
export function roundChart(rounds: readonly RoundResult[]): Html | undefined {
  const arms = [...new Set(rounds.map(({ arm }) => arm))];
  const curves = arms.map((arm) => ({
    name: arm,
    points: rounds.flatMap(({ arm: of, round, toxicity: { rate } }) =>
      of === arm && rate !== undefined ? [{ x: round, y: rate }] : [],
    ),
  }));
  const title = 'Toxic completions of each arm after each round of mitigation, percent';
  return lineChart(curves, { title, tick: percent, place: (round) => `round ${round}`, fromZero: true });
}

const stepText = (step: number): string => `step ${step}`;
