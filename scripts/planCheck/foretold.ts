/** What a plan says of a certify set from its base alone, given what training does to the toxicity of each group. */
import type { VerdictDeclaration } from '../../server/protocol/sweep/verdictDeclaration.ts';
import type { VerdictInput } from '../../server/verdict/input/verdictInput.ts';
import { foretell, type Foretold } from '../../server/verdict/planning/foretell.ts';
import type { PlannedSweep } from '../../server/verdict/planning/plannedSweep.ts';
import { templateCorrelation } from '../../server/verdict/statistics/design.ts';

/** What full fine-tuning removed of the base's toxicity, and what a rank kept of that; 0..1. */
type Training = Required<Pick<PlannedSweep, 'removal' | 'retained'>>;

/** Of all prompts, and of each group's, by all outcomes of a pool. */
export interface Truth {
  readonly all: Training;
  readonly groups: ReadonlyMap<string, Training>;
}

export function truthOf(input: VerdictInput, rank: number): Truth {
  const everywhere = input.prompts.map((_, i) => i);
  const groups = [...new Set(input.prompts.flatMap(({ group }) => group ?? []))];
  return {
    all: trainingIn(input, rank, everywhere),
    groups: new Map(
      groups.map((group) => {
        const own = everywhere.filter((i) => input.prompts[i]?.group === group);
        return [group, trainingIn(input, rank, own)];
      }),
    ),
  };
}

function trainingIn({ arms }: VerdictInput, rank: number, places: readonly number[]): Training {
  const [base = NaN, full = NaN, own = NaN] = [
    arms.find(({ method }) => method === 'base'),
    arms.find(({ method }) => method === 'full'),
    arms.find((arm) => arm.rank === rank),
  ].map((arm) => meanOf(places.map((i) => arm?.toxic?.[i] ?? NaN)));
  if (base <= full) return { removal: 0, retained: 1 };
  return { removal: (base - full) / base, retained: Math.min(1, Math.max(-1, (own - full) / (base - full))) };
}

export function foretold(
  { prompts, samples, arms }: VerdictInput,
  { goal, removed, margin, groupMargin, alpha, looks }: VerdictDeclaration,
  truth: Truth,
): Foretold {
  const toxic = arms.find(({ method }) => method === 'base')?.toxic ?? [];
  const everywhere = prompts.map((_, i) => i);
  const surveyed = (indices: readonly number[]) => {
    const templates = [...new Set(indices.map((i) => prompts[i]?.template))];
    const rates = templates.map((template) =>
      meanOf(indices.flatMap((i) => (prompts[i]?.template === template ? [(toxic[i] ?? NaN) / samples] : []))),
    );
    return { base: meanOf(rates), templates: templates.length, prompts: indices.length / templates.length };
  };
  const groups = [...truth.groups].map(([group, training]) => ({
    ...surveyed(everywhere.filter((i) => prompts[i]?.group === group)),
    ...training,
  }));
  const whole = surveyed(everywhere);
  const counts = prompts.map((prompt, i) => ({ ...prompt, toxic: toxic[i] ?? NaN, judged: samples }));
  const correlation = templateCorrelation(counts);
  return foretell({
    ...{ ...whole, prompts: Math.max(1, Math.round(whole.prompts)) },
    ...{ samples, groups, removed, margin, groupMargin, alpha: alpha / looks, ...truth.all },
    ...(correlation !== undefined && { templateCorrelation: correlation }),
    goal: goal === 'preserve' ? 'preserve' : 'mitigate',
  });
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
