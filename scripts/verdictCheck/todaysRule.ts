/** What the conclusion of a report says of a sweep: ranks "not distinguishable from full fine-tuning" are read as safe. */
import { isMeasured } from '../../server/protocol/run/estimate.ts';
import { pairedDifference } from '../../server/metrics/estimates/pairedDifference.ts';
import type { ArmMetrics } from '../../server/protocol/run/run.ts';
import { toxicityConclusion } from '../../server/report/data/toxicityConclusion.ts';
import type { ArmOutcomes, VerdictInput } from '../../server/verdict/input/verdictInput.ts';

/** Ranks that the report does not tell from full fine-tuning, or says to be less toxic. */
export function ranksReadAsSafe({ arms, samples }: VerdictInput, seed: number): readonly number[] {
  const rates = (arm: ArmOutcomes | undefined) => (arm?.toxic ?? []).map((count) => count / samples);
  const [base, full] = (['base', 'full'] as const).map((method) => rates(arms.find((arm) => arm.method === method)));
  const metrics = arms.map((arm): ArmMetrics => {
    const versus = (reference: string, other: readonly number[] = []) => {
      const difference = pairedDifference(rates(arm), other, undefined, { seed, resamples: 500 });
      return isMeasured(difference) ? [{ reference, difference }] : [];
    };
    return {
      id: arm.id,
      method: arm.method,
      ...(arm.rank !== undefined && { rank: arm.rank }),
      seed: 0,
      trainableParameters: 0,
      ...(arm.method === 'lora' && { toxicityVersus: [...versus('base', base), ...versus('full', full)] }),
    };
  });
  const said = /Against [^:]*: (.*)\./.exec(toxicityConclusion(metrics))?.[1] ?? '';
  const parts = said.split('; ').filter((part) => /not distinguishable from|less toxic than/.test(part));
  return parts.flatMap((part) => [...part.matchAll(/rank (\d+)/g)].map(([, rank]) => Number(rank)));
}
