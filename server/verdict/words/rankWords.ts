/** One rank's verdict in sentences: what it is, why, and what would make it another. */
import { assumptions } from '../statistics/assumptions.ts';
import type { Advice, Cause, RankEvidence, RankVerdict, SweepVerdict, TrainingClaim } from '../sweepVerdict.ts';
import { ratesWords, safeClaim, unsafeClaim } from './claim.ts';
import { enumeration, level, percent, points, pValue, rate } from './figures.ts';

export interface RankWords {
  readonly why: string;
  /** What would decide, or help; empty of a safe rank. */
  readonly next: readonly string[];
}

export function rankWords(sweep: SweepVerdict, rank: RankVerdict): RankWords {
  const { evidence, cause, verdict } = rank;
  if (!evidence) return { why: untestedWords(rank.rank, cause), next: [] };
  const training = worstTraining(evidence);
  const name = `Rank ${rank.rank}`;
  const confidence = 1 - evidence.level / (sweep.declaration.scope === 'recipe' ? 2 : 1);
  const claim = `${safeClaim(sweep, training, confidence)}: ${ratesWords(sweep, training)}. ${levelWords(evidence)}.`;
  if (verdict === 'safe') return { why: `${name} ${claim}`, next: [] };
  if (verdict === 'safe on average') {
    return { why: `${name} is safe on average: it ${claim}`, next: [everyGroupWords(sweep, evidence, cause)] };
  }
  if (verdict === 'unsafe')
    return { why: `${name} is unsafe${unsafeWords(sweep, evidence, cause, training)}`, next: [] };
  return undecidedWords(sweep, rank, evidence, training);
}

/** The training that is furthest from passing: of an adapter the only one. */
function worstTraining({ trainings }: RankEvidence): TrainingClaim {
  return trainings.reduce((worst, training) => (training.p > worst.p ? training : worst));
}

function levelWords({ p, level: own }: Pick<RankEvidence, 'p' | 'level'>): string {
  return own > 0 ? `${pValue(p)} at level ${level(own)}` : `${pValue(p)}; the order of testing left no level for it`;
}

function untestedWords(rank: number, cause: Cause | undefined): string {
  if (cause?.kind === 'no result') {
    return cause.of === 'rank'
      ? `Rank ${rank} has no result: ${cause.why}.`
      : `Rank ${rank} cannot be judged: full fine-tuning has no result (${cause.why}).`;
  }
  if (cause?.kind === 'broken') {
    return cause.of === 'rank'
      ? `Rank ${rank} is broken: ${cause.why}.`
      : `Rank ${rank} cannot be judged: full fine-tuning is broken (${cause.why}).`;
  }
  if (cause?.kind !== 'seeds' && cause?.kind !== 'templates') return `Rank ${rank} was not judged.`;
  return `Rank ${rank} cannot be judged: ${cause.found} of the ${cause.needed} ${cause.kind} that are needed at least.`;
}

function everyGroupWords(sweep: SweepVerdict, evidence: RankEvidence, cause: Cause | undefined): string {
  if (cause?.kind === 'sequence') {
    const left = evidence.levelEvery > 0 ? `only level ${level(evidence.levelEvery)}` : 'no level';
    return `In every group it would hold, too (${pValue(evidence.pEvery)}), but the order of testing left ${left} for that.`;
  }
  const name = cause?.kind === 'group' ? cause.group : '';
  const group = evidence.groups
    .filter((own) => own.group === name)
    .reduce((worst, own) => ((own.p ?? 2) > (worst.p ?? 2) ? own : worst));
  if (group.p === undefined) {
    const needed = `${group.templates} of the ${assumptions.leastTemplates} templates that are needed at least`;
    return `For every group it is not shown: "${name}" has ${needed}.`;
  }
  const factor = sweep.declaration.scope === 'recipe' ? 2 : 1;
  const own = evidence.levelEvery > 0 ? ` at level ${level(evidence.levelEvery)}` : '; no level was left for it';
  const seen =
    group.detectable === undefined
      ? ''
      : ` A group that is ${points(group.detectable)} over what is allowed would have been seen in 4 of 5 such sweeps; ` +
        'smaller harm to a group would not.';
  return `For every group it is not shown: "${name}" (${pValue(Math.min(1, factor * group.p))}${own}).${seen}`;
}

function unsafeWords(
  sweep: SweepVerdict,
  evidence: RankEvidence,
  cause: Cause | undefined,
  training: TrainingClaim,
): string {
  const tested = sweep.ranks.filter((rank) => rank.evidence).length;
  const p = `${pValue(evidence.pHolm)}${tested > 1 ? ` after Holm over ${tested} ranks` : ''}.`;
  if (cause?.kind !== 'group') return `: it ${unsafeClaim(sweep, worstForUnsafe(evidence) ?? training)}. ${p}`;
  const excess = Math.max(...evidence.groups.flatMap((own) => (own.group === cause.group ? (own.excess ?? []) : [])));
  const above = Number.isFinite(excess) ? ` by ${points(excess)}` : '';
  return ` for the group "${cause.group}": it is over what is allowed there${above}. ${p}`;
}

function worstForUnsafe({ trainings }: RankEvidence): TrainingClaim | undefined {
  return trainings.reduce<TrainingClaim | undefined>(
    (worst, training) => (worst && worst.pUnsafe <= training.pUnsafe ? worst : training),
    undefined,
  );
}

function undecidedWords(
  sweep: SweepVerdict,
  { rank, cause, advice }: RankVerdict,
  evidence: RankEvidence,
  training: TrainingClaim,
): RankWords {
  const { p, level: own } = evidence;
  const why = (text: string, next: readonly string[] = []) => ({ why: `Rank ${rank} is undecided: ${text}.`, next });
  switch (cause?.kind) {
    case 'toxicity':
      return cause.isBelow
        ? belowWords(sweep, rank, evidence, { training, advice })
        : why(notBelow(sweep, p, training));
    case 'learned':
      return why(`it is below its limit, but ${learnedWords(sweep, evidence)}`, [trainLonger(cause)]);
    case 'group':
      return why(
        `it is below its limit on average, but the group "${cause.group}" stands against it (${pValue(evidence.pAgainst)})`,
      );
    case 'sequence':
      return why(
        (own > 0
          ? `${pValue(p)} is not below its level of ${level(own)}`
          : `${pValue(p)}, but no level is left for it`) +
          ': the ranks that begin share the error budget, and a rank hands its level on only if it passes',
        [`To test it first next time, declare it before the run: "starts": [${rank}].`],
      );
    case 'unjudged': {
      const without = Math.max(...evidence.trainings.map(({ pJudged = 1 }) => pJudged));
      return why(
        `it would pass but for the completions without a verdict, which count as toxic ` +
          `(${pValue(p)} with them, ${pValue(without)} without)`,
        ['Have them judged, by another judge or by a person.'],
      );
    }
    case 'assay':
      return { why: `Rank ${rank} cannot be judged, since full fine-tuning is no yardstick here.`, next: [] };
    case 'templates':
    case 'seeds':
    case 'no result':
    case 'broken':
    case undefined:
      return why(levelWords(evidence));
  }
}

function belowWords(
  sweep: SweepVerdict,
  rank: number,
  evidence: RankEvidence,
  { training, advice }: { training: TrainingClaim; advice: readonly Advice[] },
): RankWords {
  const now = `${rateWords(sweep, training)} is below its limit of ${rate(training.limit)}`;
  const tested = levelWords(evidence).replace(' at level', ', level');
  return {
    why: `Rank ${rank} is undecided: ${now}, but by less than these data can tell (${tested}).`,
    next: [...adviceWords(advice), highestSafeWords(sweep, training)],
  };
}

function notBelow(sweep: SweepVerdict, p: number, training: TrainingClaim): string {
  const now = `${rateWords(sweep, training)} is not below its limit of ${rate(training.limit)}`;
  return `${now}, but it is not shown to be over it, either (${pValue(p)})`;
}

function rateWords(sweep: SweepVerdict, { rate: own }: TrainingClaim): string {
  return own === undefined ? 'its toxicity' : `${rate(own)} ${noun(sweep)}`;
}

function noun({ declaration }: SweepVerdict): string {
  return declaration.goal === 'match' ? 'wrong' : 'toxic';
}

function learnedWords({ declaration }: SweepVerdict, { learned }: RankEvidence): string {
  if (learned.share === undefined) return `whether it has learned is open: ${learned.why ?? 'its loss did not fall'}`;
  const share = `${percent(learned.share)} of what full fine-tuning has learned`;
  return `it has learned ${share}, by the held-out loss, and ${percent(declaration.learned)} is the least`;
}

function trainLonger({ why }: Extract<Cause, { kind: 'learned' }>): string {
  return why === undefined
    ? 'Train it longer, or at a higher learning rate.'
    : 'Give held-out pairs ("heldOutPairs"), so that what was learned can be measured.';
}

const whatDecides = 'What would decide in 4 of 5 sweeps, if it is as toxic as it looks';

/** "52 templates (now 15)", and what would not do. */
export function adviceWords(advice: readonly Advice[], what = whatDecides): readonly string[] {
  if (advice.length === 0) return [];
  const names = { templates: 'templates', prompts: 'prompts a template', samples: 'samples a prompt' };
  const now = (own: Advice) => `now ${Number(own.now.toFixed(1))}`;
  const enough = advice.flatMap((own) => {
    if (own.needed === undefined) return [];
    const minutes = own.seconds === undefined ? '' : `, about ${minutesWords(own.seconds)} more`;
    return [`${own.needed} ${names[own.change]} (${now(own)}${minutes})`];
  });
  const vain = advice.flatMap((own) => (own.needed === undefined ? [`${names[own.change]} (${now(own)})`] : []));
  const does = `${what}: ${alternatives(enough)}.`;
  const doesNot = `Up to 20 times as many ${alternatives(vain)} would not.`;
  return [[...(enough.length > 0 ? [does] : []), ...(vain.length > 0 ? [doesNot] : [])].join(' ')];
}

function highestSafeWords(sweep: SweepVerdict, { highestSafe }: TrainingClaim): string {
  if (highestSafe < 0)
    return `Not even a rank without any ${noun(sweep)} completion would have been called safe in 4 of 5 such sweeps.`;
  return `A rank of at most ${rate(highestSafe)} ${noun(sweep)} would have been called safe in 4 of 5 such sweeps.`;
}

function minutesWords(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}

function alternatives(parts: readonly string[]): string {
  return enumeration(parts).replace(/ and (?!.* and )/, ' or ');
}
