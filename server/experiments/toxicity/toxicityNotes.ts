/** What a reader of a toxicity run's table must know beside it. */
import { measuredOf } from '../../protocol/run/estimate.ts';
import type { ArmMetrics, RoundResult, TunedRate } from '../../protocol/run/run.ts';
import type { ToxicitySweep } from '../../protocol/sweep/toxicitySweep.ts';
import { alphaNotes, methodNotes, rateNotes, seedNotes, stoppedByHand, tuningNotes } from '../sweep/sweepNotes.ts';
import { isFramed, turnsOf, type Framing } from '../data/framing.ts';
import type { PairSplit } from '../data/pairSplit.ts';
import type { Pair } from '../ports/modelPort.ts';
import type { PromptSplit } from '../data/promptSplit.ts';
import type { ArmOutcome } from '../ports/trainerPort.ts';

export interface NotedToxicity {
  readonly sweep: ToxicitySweep;
  readonly arms: readonly ArmMetrics[];
  readonly outcomes: readonly ArmOutcome[];
  readonly stopped: ReadonlySet<string>;
  readonly prompts: Pick<PromptSplit, 'heldOut'>;
  readonly pairs: PairSplit;
  /** Neutral texts that forgetting was measured on. */
  readonly neutral: readonly Pair[];
  readonly judge: string;
  /** How texts were put to the model as chats; undefined where they were not. */
  readonly framing?: Framing | undefined;
  /** Rates that were chosen; none where the sweep names them. */
  readonly tuning: readonly TunedRate[];
  /** What is to be said of the number of steps. */
  readonly length?: string | undefined;
  /** Of a sweep of several rounds; else none. */
  readonly rounds: readonly RoundResult[];
}

/** Below these, chance alone may order the arms. */
const fewPrompts = 100;
const fewFrames = 20;

export function toxicityNotes(run: NotedToxicity): readonly string[] {
  return [
    ...framingNotes(run),
    ...methodNotes(run.sweep),
    ...seedNotes(run.sweep),
    ...rateNotes(run.arms),
    ...alphaNotes(run),
    ...tuningNotes(run.tuning, { examples: 'tune pairs', result: 'toxicity' }),
    ...settingsNotes(run),
    ...sampleNotes(run),
    ...roundNotes(run),
    ...armNotes(run),
    ...cutNotes(run.arms),
  ];
}

/** Of prompts and pairs that were put as chats. */
function framingNotes({ framing, prompts, pairs }: NotedToxicity): readonly string[] {
  if (!framing) return [];
  const all = [...pairs.training, ...pairs.tune, ...pairs.heldOut];
  const chats = all.filter((pair) => isFramed(pair, framing));
  const several = chats.filter((pair) => turnsOf(pair).filter(({ role }) => role === 'assistant').length > 1).length;
  const learnt = framing.answers === 'all' ? 'every answer is' : 'the last answer alone is';
  const system =
    framing.system === undefined ? 'no system text of its own' : `the system text ${JSON.stringify(framing.system)}`;
  return [
    `Prompts are user turns in the model's own chat template, with ${system}: ${prompts.heldOut.length} held-out prompts and ` +
      `${chats.length} of ${all.length} pairs, in training, losses, KL and completions alike.` +
      (several > 0 ? ` Of conversations with more than one answer (${several}) ${learnt} learnt.` : ''),
  ];
}

/** Of arms that were cut and not trained. */
function cutNotes(arms: readonly ArmMetrics[]): readonly string[] {
  const cut = arms.flatMap(({ id, rank, cutFrom }) =>
    cutFrom === undefined ? [] : [`${id} (cut from ${cutFrom} to rank ${rank ?? '?'})`],
  );
  if (cut.length === 0) return [];
  return [
    `Not trained at their rank: ${cut.join(', ')}. A cut arm shows what the best approximation of a trained adapter keeps, not ` +
      'what training at that rank would give; the verdict does not judge it.',
  ];
}

/** Of the paper's settings, and of plans with few steps. */
function settingsNotes({ sweep, length }: NotedToxicity): readonly string[] {
  const paper =
    "These are the paper's settings: they compare how far the arms have gone, not what their ranks can hold.";
  return [...(sweep.settings === 'paper' ? [paper] : []), ...(length === undefined ? [] : [length])];
}

function probeNote(tunePairs: number, everySteps: ToxicitySweep['evaluation']['everySteps']): string {
  if (tunePairs === 0)
    return 'No loss along the training, and no weights but the last: there are no tune pairs (data.tune).';
  return everySteps === 0
    ? 'No loss along the training, and no weights but the last: it was not probed (evaluation.everySteps is 0).'
    : `Probed, while training, on ${tunePairs} tune pairs, which no result is read from.`;
}

const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function sampleNotes({ prompts, pairs, neutral, judge, arms, sweep }: NotedToxicity): readonly string[] {
  const count = prompts.heldOut.length;
  const frames = new Set(prompts.heldOut.map(({ frame }) => frame)).size;
  const isSmall = count < fewPrompts || frames < fewFrames;
  const unjudged = arms.reduce((total, { unjudged = 0 }) => total + unjudged, 0);
  return [
    `Toxicity as told by ${judge}, on ${many(count, 'held-out prompt')} of ${many(frames, 'sentence')}, ` +
      `${many(sweep.generation.samples, 'completion')} each.${isSmall ? ' That is few: see the intervals.' : ''}`,
    probeNote(pairs.tune.length, sweep.evaluation.everySteps),
    `Trained on ${pairs.training.length} pairs` +
      `${pairs.leftOut > 0 ? `; ${pairs.leftOut} were left out because their prompt is held out` : ''}.`,
    ...neutralNotes(sweep, neutral.length),
    ...(pairs.heldOut.length === 0 ? ['No perplexity: there are no held-out pairs.'] : []),
    ...certainNotes(arms, frames),
    ...(unjudged > 0 ? [`${unjudged} completions could not be judged and count on neither side.`] : []),
  ];
}

/** What forgetting was measured on; nothing where it was not asked for. */
function neutralNotes({ data: { neutral: asked } }: ToxicitySweep, texts: number): readonly string[] {
  if (!asked) return [];
  const whose = 'file' in asked ? 'of a file' : `that the base wrote itself (seed ${asked.seed})`;
  return [`Forgetting is measured on ${texts} neutral texts ${whose}; nothing was trained or chosen by them.`];
}

function roundNotes({ sweep, rounds }: NotedToxicity): readonly string[] {
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
function certainNotes(arms: readonly ArmMetrics[], frames: number): readonly string[] {
  const agreeing = arms.filter(({ toxicity }) => {
    const { value, n = 0 } = measuredOf(toxicity) ?? {};
    return n > 1 && (value === 0 || value === 1);
  });
  if (agreeing.length === 0) return [];
  const trials = frames > 1 ? `one trial for each of the ${frames} sentences` : 'one trial a completion';
  return [
    `All verdicts on ${agreeing.map(({ id }) => id).join(', ')} agree. The interval of such a rate is Wilson's with ` +
      `${trials}: completions of one sentence are no independent observations.`,
  ];
}

function armNotes({ outcomes, stopped, arms, prompts }: NotedToxicity): readonly string[] {
  const halted = stoppedByHand(outcomes, stopped);
  const finite = arms.flatMap(({ id, kl }) => {
    const { n } = measuredOf(kl) ?? {};
    return n !== undefined && n < prompts.heldOut.length ? [{ id, n }] : [];
  });
  const earlier = outcomes.filter(({ bestStep }) => bestStep !== undefined);
  return [
    ...earlier.map(
      ({ arm, steps, bestStep, endedEarly }) =>
        `${arm} has the weights of step ${bestStep ?? 0}, where the loss of the tune pairs was least` +
        (endedEarly ? `; its training ended early, after step ${steps}.` : `, of ${steps} steps.`),
    ),
    ...halted.map(({ arm, steps }) => `${arm} was stopped by hand after step ${steps} and evaluated as it stood.`),
    ...finite.map(({ id, n }) => `The KL of ${id} is over the ${n} prompts where it is finite.`),
  ];
}
