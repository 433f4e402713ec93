/** What a reader of any run's table must know of its arms. */
import { adapterDescriptions, scaleRules } from '../../protocol/sweep/adapterMethod.ts';
import type { AnySweep } from '../../protocol/sweep/experiments.ts';
import type { ArmMetrics, TunedRate } from '../../protocol/run/run.ts';
import type { ArmOutcome } from '../ports/trainerPort.ts';
import { mixesRankAndSize } from './armScale.ts';

type Arms = Pick<AnySweep, 'arms'>;

/** With fewer, chance alone may order the arms. */
const fewSeeds = 3;

/** Of a sweep whose arms of low rank are not of LoRA: tables name them by their rank alone. */
export function methodNotes({ arms }: Arms): readonly string[] {
  if (arms.method === 'lora') return [];
  const { title, trains } = adapterDescriptions[arms.method];
  return [`The arms of low rank are of ${title}, which ${trains}.`];
}

/** Of a sweep with few seeds. */
export function seedNotes({ arms }: Arms): readonly string[] {
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

/** How the learning rates were chosen, where they were: by the loss of which examples, and by which result they were not. */
export function tuningNotes(
  rates: readonly TunedRate[],
  { examples, result }: { readonly examples: string; readonly result: string },
): readonly string[] {
  return rates.flatMap(({ method, rank, triedOn, learningRate, steps, edge }) => {
    const whom = method === 'full' ? 'full fine-tuning' : rank === undefined ? 'all LoRA ranks' : `rank ${rank}`;
    return [
      `The learning rate of ${whom}, ${learningRate}, was chosen by the loss of the ${examples}, tried on ${triedOn} in ` +
        `${steps} steps; ${result} had no say in it.`,
      ...(edge
        ? [`That is the ${edge} rate that was tried, though the grid was widened: a better one may lie beyond.`]
        : []),
    ];
  });
}

/** Of ranks at one learning rate whose alpha makes their first steps grow with the rank. */
export function alphaNotes({
  sweep: { arms: asked },
  arms,
}: {
  readonly sweep: Arms;
  readonly arms: readonly Pick<ArmMetrics, 'learningRate' | 'rank'>[];
}): readonly string[] {
  if (!mixesRankAndSize(asked)) return [];
  const ranksOf = new Map<number, Set<number>>();
  for (const { learningRate, rank } of arms) {
    if (learningRate === undefined || rank === undefined) continue;
    ranksOf.set(learningRate, (ranksOf.get(learningRate) ?? new Set()).add(rank));
  }
  const shared = [...ranksOf].filter(([, ranks]) => ranks.size > 1).map(([rate]) => rate);
  if (shared.length === 0) return [];
  const rule = scaleRules[asked.scaling].formula;
  return [
    `Ranks share the learning rate ${shared.join(' and ')} with ${rule} at alpha ${asked.alpha}: an arm's first steps grow ` +
      'with its rank, so that the table shows how far each arm has gone, not what its rank can hold. One alpha for all ' +
      'ranks ("alpha": 32, "scaling": "lora") or rates tuned for each rank would part the two.',
  ];
}

/** Arms that a person stopped and that have a result. */
export function stoppedByHand(outcomes: readonly ArmOutcome[], stopped: ReadonlySet<string>): readonly ArmOutcome[] {
  return outcomes.filter(({ arm, failure, ...outcome }) => !failure && (outcome.stopped === true || stopped.has(arm)));
}
