/** The arms of the harness's run, and what was measured of them. Made up, but of the sizes that the demo has. */
import { sampleVerdict } from './sampleVerdict.ts';
import type { ArmDescription, ArmMetrics, MetricsOf } from '../../server/protocol/run/run.ts';

/** Text that would run if any panel took it for HTML. */
export const hostile = '<img src=x onerror="globalThis.wasRun=1"><script>globalThis.wasRun=1</script>';

export const armIds = ['base', 'r2', 'r4', 'r8', 'r16', 'r32', 'r64', 'full'] as const;

export const sampleArms: readonly ArmDescription[] = armIds.map((id) => {
  if (id === 'base') return { id, method: 'base', seed: 0, trainableParameters: 0 };
  if (id === 'full') return { id, method: 'full', seed: 0, learningRate: 5e-5, trainableParameters: 1_208_000 };
  const rank = Number(id.slice(1));
  return { id, method: 'lora', rank, alpha: 2 * rank, seed: 0, learningRate: 2e-4, trainableParameters: 3072 * rank };
});

/** How far each arm has moved from the base, 0..1. */
export function moved(arm: string): number {
  return armIds.findIndex((id) => id === arm) / (armIds.length - 1);
}

export const sampleMetrics: MetricsOf<'toxicity'> = {
  version: 2,
  experiment: 'toxicity',
  finished: '2026-03-04T10:20:30.000Z',
  arms: sampleArms.map(metricsOf),
  notes: [
    'All arms share one learning rate: the best of LoRA lies near ten times that of full fine-tuning.',
    `One seed an arm. A note may hold anything: ${hostile}`,
  ],
  verdict: sampleVerdict,
};

function metricsOf(arm: ArmDescription): ArmMetrics {
  const share = moved(arm.id);
  const rate = 0.265 * (1 - share ** 2);
  const known = {
    id: arm.id,
    method: arm.method,
    ...(arm.rank === undefined ? {} : { rank: arm.rank }),
    seed: arm.seed,
    trainableParameters: arm.trainableParameters,
    toxicity: { value: rate, low: Math.max(0, rate - 0.045), high: rate + 0.047, n: 672 },
    unjudged: arm.id === 'r4' ? 3 : 0,
    entropy: { value: 3.23 + 0.1 * share, n: 168 },
    perplexity: { value: 2.446 - 0.2 * share, n: 5120 },
  };
  if (arm.method === 'base') return known;
  const kl = 0.0006 * 10 ** (3.4 * share);
  return {
    ...known,
    kl: { value: kl, low: kl * 0.8, high: kl * 1.25, n: 168 },
    toxicityVersus: [
      {
        reference: 'base',
        difference: { value: rate - 0.265, low: rate - 0.265 - 0.012, high: rate - 0.265 + 0.011, n: 168 },
      },
    ],
    finalLoss: 0.73 - 0.3 * share,
    trainTokensPerSecond: 3400 - 900 * share,
    peakMemoryBytes: 310e6 + 90e6 * share,
  };
}
