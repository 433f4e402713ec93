/** What a plan says, in sentences: whether the sweep can answer, what it can tell, and what would help. */
import type { VerdictDeclaration } from '../../protocol/sweep/verdictDeclaration.ts';
import { assumptions } from '../statistics/assumptions.ts';
import { percent, points, rate } from './figures.ts';
import {
  improvements,
  plan,
  type Improvement,
  type Plan,
  type PlannedGroup,
  type PlannedSweep,
} from '../planning/plan.ts';

/** A sweep as its base shows it. */
export interface SurveyedSweep {
  readonly declaration: VerdictDeclaration;
  readonly seeds: number;
  readonly samples: number;
  /** Held-out prompts, and the templates that they come from. */
  readonly prompts: number;
  readonly templates: number;
  /** The base's toxicity, 0..1. */
  readonly base: number;
  /** The identity groups that the verdict must hold in. */
  readonly groups: readonly PlannedGroup[];
  /** Correlation of its completions of one template, 0..1; absent where they cannot tell. */
  readonly templateCorrelation?: number;
  /** Arms that complete the prompts, the base among them. */
  readonly arms: number;
  readonly secondsPerCompletion: number;
}

export interface PlanReading {
  readonly plan: Plan;
  /** One line: the chance of a verdict. */
  readonly answer: string;
  readonly lines: readonly string[];
  /** Whether any rank could be called safe at all. */
  readonly canAnswer: boolean;
}

/** Throws a RankscopeError where a number is out of its range. */
export function readPlan(survey: SurveyedSweep): PlanReading {
  const planned = plannedSweep(survey);
  const found = plan(planned);
  return {
    plan: found,
    answer: answerOf(found, survey),
    lines: [...detail(found, survey), ...help(planned, found, survey)],
    canAnswer: found.isPossible && survey.templates >= assumptions.leastTemplates,
  };
}

function plannedSweep({ declaration, seeds, samples, prompts, templates, base, groups }: SurveyedSweep): PlannedSweep {
  const { goal, removed, margin, groupMargin, alpha, looks, scope } = declaration;
  return {
    ...{ base, templates, samples, removed, margin, groupMargin, groups },
    prompts: Math.max(1, Math.round(prompts / templates)),
    goal: goal === 'preserve' ? 'preserve' : 'mitigate',
    alpha: alpha / looks,
    seeds: scope === 'recipe' ? seeds : 1,
  };
}

function answerOf(
  { isPossible, safe, safeInEveryGroup }: Plan,
  { templates, base, declaration, groups }: SurveyedSweep,
): string {
  if (templates < assumptions.leastTemplates) {
    return `This sweep cannot answer: its held-out prompts come from ${templates} templates, and ${assumptions.leastTemplates} are the least.`;
  }
  if (!isPossible) {
    return `This sweep cannot answer: with a base of ${rate(base)} not even a rank without any toxic completion would be called safe.`;
  }
  const rank =
    declaration.goal === 'preserve'
      ? 'a rank that is as toxic as the base'
      : 'a rank that keeps 10 % of what full fine-tuning removes, if that is 90 % of the toxicity,';
  if (groups.length === 0) return `In ${percent(safe)} of such sweeps ${rank} is called safe.`;
  return (
    `In ${percent(safeInEveryGroup)} of such sweeps ${rank} is called safe in every group, ` +
    `and in ${percent(safe)} safe on average or better.`
  );
}

function detail(found: Plan, survey: SurveyedSweep): readonly string[] {
  const { highestSafe, detectable } = found;
  const { base, templates, prompts, samples, declaration } = survey;
  const many = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
  const design = `The base is ${rate(base)} toxic on ${many(prompts, 'held-out prompt')} of ${many(templates, 'template')}, ${many(samples, 'sample')} each.`;
  const told =
    detectable === undefined
      ? []
      : [`The smallest difference from the limit that these data can tell in 4 of 5 sweeps is ${points(detectable)}.`];
  const highest =
    highestSafe === undefined || highestSafe < 0 || declaration.goal === 'preserve'
      ? []
      : [`A rank of at most ${rate(highestSafe)} toxic is called safe in 4 of 5 such sweeps.`];
  return [design, ...alikeWords(found, survey), ...told, ...highest];
}

/**
 * The chance where completions of one template are as alike as the base's. It is the lower one: a pass over the base does not
 * tell how far the arms will be toxic on the same templates, which takes their common part out of every difference.
 */
function alikeWords({ safeInEveryGroup: safe, isPossible }: Plan, survey: SurveyedSweep): readonly string[] {
  const { templateCorrelation = 0 } = survey;
  if (!isPossible || templateCorrelation <= assumptions.templateCorrelation) return [];
  const lower = plan({ ...plannedSweep(survey), templateCorrelation }).safeInEveryGroup;
  if (percent(lower) === percent(safe)) return [];
  const alike = `Its completions of one template are alike (correlation ${templateCorrelation.toFixed(2)}; planned with ${assumptions.templateCorrelation})`;
  return [`${alike}: where the arms are toxic on other templates than the base, it is ${percent(lower)} of sweeps.`];
}

/** What would make it 4 of 5, each by itself, with what it costs. */
function help(planned: PlannedSweep, { safeInEveryGroup }: Plan, survey: SurveyedSweep): readonly string[] {
  if (safeInEveryGroup >= assumptions.power) return [];
  const found = improvements(planned);
  const names = { templates: 'templates', prompts: 'prompts a template', samples: 'samples a prompt' };
  const enough = found.flatMap((own) =>
    own.needed === undefined
      ? []
      : [`${own.needed} ${names[own.change]} (now ${own.now}; about ${minutes(cost(own, planned, survey))} more)`],
  );
  const vain = found.flatMap((own) => (own.needed === undefined ? [names[own.change]] : []));
  return [
    ...(enough.length > 0 ? [`For 4 of 5 it takes ${enough.join(', or ')}.`] : []),
    ...(vain.length > 0 ? [`More ${vain.join(', or ')} alone would not do.`] : []),
    ...(enough.length === 0 ? ['Prompts that the base completes more toxically would help.'] : []),
  ];
}

/** Seconds of the completions that come on top, of every arm. */
function cost(
  { now, needed = now }: Improvement,
  { templates, prompts, samples = 1 }: PlannedSweep,
  { arms, secondsPerCompletion }: SurveyedSweep,
): number {
  const more = (needed - now) / now;
  return more * templates * prompts * samples * arms * secondsPerCompletion;
}

function minutes(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}
