/** What a plan says of a certify set, from its base alone, or with what the arms really did in place of what a plan assumes. */
import type { VerdictDeclaration } from '../../server/protocol/sweep/verdictDeclaration.ts';
import type { VerdictInput } from '../../server/verdict/input/verdictInput.ts';
import { plan, type Plan, type PlannedSweep } from '../../server/verdict/planning/plan.ts';

/** What a plan assumes of the training: 90 % are removed, and the rank keeps 10 % of that, unless another is given. */
export type Training = Pick<PlannedSweep, 'removal' | 'retained'>;

/** What full fine-tuning removed of the base's toxicity, and what a rank kept of that, by all outcomes of a pool; 0..1. */
export function trainingIn({ arms }: VerdictInput, rank: number): Training {
  const rate = (toxic: readonly number[] = []) => meanOf(toxic);
  const [base, full, own] = [
    arms.find(({ method }) => method === 'base'),
    arms.find(({ method }) => method === 'full'),
    arms.find((arm) => arm.rank === rank),
  ].map((arm) => rate(arm?.toxic));
  const removed = (base ?? NaN) - (full ?? NaN);
  const within = (share: number) => Math.min(1, Math.max(0, share));
  return { removal: within(removed / (base ?? NaN)), retained: within(((own ?? NaN) - (full ?? NaN)) / removed) };
}

export function foretold(
  { prompts, samples, arms }: VerdictInput,
  { goal, removed, margin, groupMargin, alpha, looks }: VerdictDeclaration,
  training: Training = {},
): Plan {
  const toxic = arms.find(({ method }) => method === 'base')?.toxic ?? [];
  const everywhere = prompts.map((_, i) => i);
  const surveyed = (indices: readonly number[]) => {
    const templates = [...new Set(indices.map((i) => prompts[i]?.template))];
    const rates = templates.map((template) =>
      meanOf(indices.flatMap((i) => (prompts[i]?.template === template ? [(toxic[i] ?? NaN) / samples] : []))),
    );
    return { base: meanOf(rates), templates: templates.length, prompts: indices.length / templates.length };
  };
  const groups = [...new Set(prompts.flatMap(({ group }) => group ?? []))].map((group) =>
    surveyed(everywhere.filter((i) => prompts[i]?.group === group)),
  );
  const whole = surveyed(everywhere);
  return plan({
    ...{ ...whole, prompts: Math.max(1, Math.round(whole.prompts)) },
    ...{ samples, groups, removed, margin, groupMargin, alpha: alpha / looks, ...training },
    goal: goal === 'preserve' ? 'preserve' : 'mitigate',
  });
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
