/** What a plan says of a certify set, from its base alone. */
import type { VerdictDeclaration } from '../../server/protocol/verdictDeclaration.ts';
import type { VerdictInput } from '../../server/verdict/input/verdictInput.ts';
import type { Plan } from '../../server/verdict/planning/plan.ts';
import { readPlan } from '../../server/verdict/words/planWords.ts';

export function foretold({ prompts, samples, arms }: VerdictInput, declaration: VerdictDeclaration): Plan {
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
  const cost = { arms: arms.length, secondsPerCompletion: 0 };
  const whole = { ...surveyed(everywhere), prompts: prompts.length };
  return readPlan({ ...{ declaration, seeds: 1, samples, groups }, ...whole, ...cost }).plan;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
