/** What a reader of a run's table must know beside it. */
import type { ArmMetrics, RoundResult } from '../../protocol/run.ts';
import type { Sweep } from '../../protocol/sweepFile.ts';
import type { PairSplit } from '../data/pairSplit.ts';
import type { PromptSplit } from '../data/promptSplit.ts';
import type { ArmOutcome } from '../ports/trainerPort.ts';

export interface NotedRun {
  readonly sweep: Sweep;
  readonly arms: readonly ArmMetrics[];
  readonly outcomes: readonly ArmOutcome[];
  readonly stopped: ReadonlySet<string>;
  readonly prompts: Pick<PromptSplit, 'heldOut'>;
  readonly pairs: PairSplit;
  readonly judge: string;
  /** Of a sweep of several rounds; else none. */
  readonly rounds: readonly RoundResult[];
}

/** Below these, chance alone may order the arms. */
const fewSeeds = 3;
const fewPrompts = 100;
const fewTemplates = 20;

export function runNotes(run: NotedRun): readonly string[] {
  return [
    ...seedNotes(run.sweep),
    ...rateNotes(run.arms),
    ...alphaNotes(run.sweep),
    ...sampleNotes(run),
    ...roundNotes(run),
    ...armNotes(run),
  ];
}

/** Of a sweep with few seeds. */
export function seedNotes({ arms }: Pick<Sweep, 'arms'>): readonly string[] {
  const seeds = new Set(arms.seeds).size;
  if (seeds >= fewSeeds) return [];
  return [`${seeds === 1 ? 'One seed' : `${seeds} seeds`}: differences between arms may be chance.`];
}

/** Of arms that all had one learning rate. */
export function rateNotes(arms: readonly Pick<ArmMetrics, 'learningRate' | 'method'>[]): readonly string[] {
  const rates = new Set(arms.flatMap(({ learningRate }) => (learningRate === undefined ? [] : [learningRate])));
  const methods = new Set(arms.map(({ method }) => method));
  const [rate] = rates;
  if (rates.size !== 1 || !methods.has('lora') || !methods.has('full')) return [];
  return [
    `All arms share the learning rate ${rate ?? ''}. LoRA's best rate is often about ten times that of full fine-tuning, ` +
      'so the arms are not each compared at their best.',
  ];
}

/** Of a sweep with one alpha for all ranks. */
export function alphaNotes({ arms }: Pick<Sweep, 'arms'>): readonly string[] {
  if (typeof arms.alpha !== 'number' || arms.scaling !== 'lora' || arms.ranks.length < 2) return [];
  return [
    `Alpha is ${arms.alpha} at every rank, so that alpha / rank falls as the rank grows: rank and scale are mixed.`,
  ];
}

function sampleNotes({ prompts, pairs, judge, arms, sweep }: NotedRun): readonly string[] {
  const count = prompts.heldOut.length;
  const templates = new Set(prompts.heldOut.map(({ template }) => template)).size;
  const isSmall = count < fewPrompts || templates < fewTemplates;
  const unjudged = arms.reduce((total, { toxicity }) => total + toxicity.unjudged, 0);
  return [
    `Toxicity as told by ${judge}, on ${count} held-out prompts of ${templates} templates, ` +
      `${sweep.generation.samples} completions each.${isSmall ? ' That is few: see the intervals.' : ''}`,
    `Trained on ${pairs.training.length} pairs` +
      `${pairs.leftOut > 0 ? `; ${pairs.leftOut} were left out because their prompt is held out` : ''}.`,
    ...(pairs.heldOut.length === 0 ? ['No perplexity: there are no held-out pairs.'] : []),
    ...certainNotes(arms, templates),
    ...(unjudged > 0 ? [`${unjudged} completions could not be judged and count on neither side.`] : []),
  ];
}

function roundNotes({ sweep, rounds }: NotedRun): readonly string[] {
  const asked = sweep.data.counterfactuals?.rounds ?? 1;
  if (asked === 1) return [];
  const done = Math.max(1, ...rounds.map(({ round }) => round));
  const early = done < asked ? '; no arm had anything left to learn from' : '';
  return [
    `${done} of ${asked} rounds of mitigation${early}. In the first all arms learn from counterfactuals for what the base ` +
      'is toxic on, in each later one an arm from those for what it is still toxic on; optimiser and schedule begin anew.',
  ];
}

/** Arms whose verdicts all agree: the bootstrap, which draws what was seen, has no interval for them. */
function certainNotes(arms: readonly ArmMetrics[], templates: number): readonly string[] {
  const agreeing = arms.filter(({ toxicity: { rate, n } }) => n > 1 && (rate === 0 || rate === 1));
  if (agreeing.length === 0) return [];
  const trials = templates > 1 ? `one trial for each of the ${templates} templates` : 'one trial a completion';
  return [
    `All verdicts on ${agreeing.map(({ id }) => id).join(', ')} agree. The interval of such a rate is Wilson's with ` +
      `${trials}: completions of one template are no independent observations.`,
  ];
}

function armNotes({ outcomes, stopped, arms, prompts }: NotedRun): readonly string[] {
  const halted = outcomes.filter(
    ({ arm, failure, ...outcome }) => !failure && (outcome.stopped === true || stopped.has(arm)),
  );
  const infinite = arms.filter(({ kl }) => kl !== undefined && kl.n < prompts.heldOut.length);
  return [
    ...halted.map(({ arm, steps }) => `${arm} was stopped by hand after step ${steps} and evaluated as it stood.`),
    ...infinite.map(({ id, kl }) => `The KL of ${id} is over the ${kl?.n ?? 0} prompts where it is finite.`),
  ];
}
