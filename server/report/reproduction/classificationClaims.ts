/** The paper's claims about classification (table 1, figures 4, 5, 7 and 8), decided by differences paired by test text. */
import { rulesOf, shareText } from '../../measures/catalogue/kindTable.ts';
import { english } from '../../measures/text/say.ts';
import { estimateText, type Unit } from '../../measures/text/units.ts';
import type { ClassificationKind, ClassificationSummary, DecisionRule } from '../../protocol/run/classificationRun.ts';
import type { Estimate } from '../../protocol/run/estimate.ts';
import { decided, together, type Claim } from './claim.ts';
import {
  accuracyOn,
  assayGapOf,
  marginOn,
  overTexts,
  parityOn,
  type ClassificationEvidence,
  type Drawn,
  type KindAnswers,
} from './classificationEvidence.ts';

interface AtShare {
  readonly share: string;
  /** LoRA kinds, ascending in rank. */
  readonly lora: readonly ClassificationKind[];
  readonly full: ClassificationKind | undefined;
}

/** Groups the kinds by share of the minority, the smallest share first. Of each kind it takes the first learning rate. */
function byShare({ kinds }: ClassificationSummary): readonly AtShare[] {
  const shares = [...new Set(kinds.filter(({ method }) => method !== 'base').map(({ minority }) => minority ?? 1))];
  return shares
    .sort((a, b) => a - b)
    .map((value) => {
      const own = kinds.filter(({ method, minority }) => method !== 'base' && (minority ?? 1) === value);
      const lora = own.filter(({ method }) => method === 'lora').sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0));
      return {
        share: shareText({ method: 'full', minority: value }),
        lora: lora.filter(({ rank }, i) => lora.findIndex((other) => other.rank === rank) === i),
        full: own.find(({ method }) => method === 'full'),
      };
    });
}

/** One paired difference that tests a claim, with the shares at which full fine-tuning must be a valid reference. */
interface Look {
  readonly at: readonly AtShare[];
  readonly what: string;
  readonly difference: Estimate | undefined;
}

type Statistic = (answers: KindAnswers, drawn: Drawn) => number | undefined;

/** Tests the claims of one run on the same evidence. */
class PairedClaims {
  readonly shares: readonly AtShare[];
  private readonly evidence: ClassificationEvidence;
  private readonly base: ClassificationKind | undefined;

  constructor(summary: ClassificationSummary, evidence: ClassificationEvidence) {
    this.evidence = evidence;
    this.shares = byShare(summary);
    this.base = summary.kinds.find(({ method }) => method === 'base');
  }

  /** `statistic` of one kind minus that of another, on the same texts. */
  difference(a: ClassificationKind | undefined, b: ClassificationKind | undefined, statistic: Statistic) {
    const [own, other] = [this.evidence.answers(a), this.evidence.answers(b)];
    if (!own || !other) return undefined;
    return overTexts(this.evidence, (drawn) => minus(statistic(own, drawn), statistic(other, drawn)));
  }

  /** A statistic of one kind, with its interval. */
  measure(kind: ClassificationKind, statistic: Statistic): Estimate | undefined {
    const own = this.evidence.answers(kind);
    return own && overTexts(this.evidence, (drawn) => statistic(own, drawn));
  }

  parity: Statistic = (answers, drawn) => parityOn(this.evidence, answers, drawn);

  accuracy(answers: KindAnswers, drawn: Drawn, isMember: (group: string) => boolean): number | undefined {
    return accuracyOn(this.evidence, answers, drawn, isMember);
  }

  answers(kind: ClassificationKind | undefined): KindAnswers | undefined {
    return this.evidence.answers(kind);
  }

  /** A difference at a share where full fine-tuning is no valid reference decides nothing. */
  claim(claim: string, looks: readonly Look[], unit: Unit): Claim {
    const gates = looks.map(({ at }) => at.flatMap((share) => this.gate(share) ?? []));
    const verdict = together(looks.map(({ difference }, i) => (gates[i]?.length ? 'undecided' : decided(difference))));
    const reasons = [...new Set(gates.flat())].map((reason) => `Nothing can be seen here, since ${reason}. `);
    const said = looks.map(({ what, difference }) => `${what}: ${estimateText(difference, unit, english)}`);
    return { claim, verdict, because: `${reasons.join('')}${said.join('; ')}.` };
  }

  private gate({ full }: AtShare): string | undefined {
    return assayGapOf(this.evidence, this.evidence.answers(full), this.evidence.answers(this.base));
  }
}

function minus(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a - b;
}

const nameOf = (kind: ClassificationKind | undefined): string => kind?.name ?? 'no such arm';

export function table1Claims(summary: ClassificationSummary, evidence: ClassificationEvidence): readonly Claim[] {
  const paired = new PairedClaims(summary, evidence);
  const isMinority = (group: string): boolean => group === summary.minority;
  const gapLooks = paired.shares.map((at): Look => {
    const full = paired.answers(at.full);
    const magnitude: Statistic = (answers, drawn) => {
      const gap = full && minus(paired.accuracy(full, drawn, isMinority), paired.accuracy(answers, drawn, isMinority));
      return gap === undefined ? undefined : Math.abs(gap);
    };
    const [lowest, highest] = [at.lora[0], at.lora.at(-1)];
    const what = `gap of ${nameOf(lowest)} minus gap of ${nameOf(highest)}, points`;
    return { at: [at], what, difference: paired.difference(lowest, highest, magnitude) };
  });
  const parityLooks = paired.shares.map((at): Look => {
    const [lowest, full] = [at.lora[0], at.full];
    const what = `gap of ${nameOf(lowest)} minus gap of ${nameOf(full)}, points`;
    return { at: [at], what, difference: paired.difference(lowest, full, paired.parity) };
  });
  return [
    paired.claim(
      "The minority's harmful bias gap falls, in magnitude, as the rank grows (table 1, section 4.2).",
      gapLooks,
      'points',
    ),
    paired.claim(
      'Accuracy parity aligns with full fine-tuning as the rank grows: the lowest rank has the larger gap (table 1).',
      parityLooks,
      'points',
    ),
  ];
}

export function figure4Claims(summary: ClassificationSummary, evidence: ClassificationEvidence): readonly Claim[] {
  const paired = new PairedClaims(summary, evidence);
  const [rarest] = paired.shares;
  const commonest = paired.shares.at(-1);
  if (!rarest || !commonest) return [];
  const isMinority = (group: string): boolean => group === summary.minority;
  const all = ({ lora, full }: AtShare) => [...lora, ...(full ? [full] : [])];
  const betweenGroups: Statistic = (answers, drawn) =>
    minus(
      paired.accuracy(answers, drawn, (group) => !isMinority(group)),
      paired.accuracy(answers, drawn, isMinority),
    );
  const misclassified = all(rarest).map((kind): Look => {
    const what = `${kind.name} with ${rarest.share}, majority minus minority, points`;
    return { at: [rarest], what, difference: paired.measure(kind, betweenGroups) };
  });
  const rarer = all(rarest).map((kind): Look => {
    const other = all(commonest).find(({ method, rank }) => method === kind.method && rank === kind.rank);
    const what = `gap of ${kind.name} minus gap of ${nameOf(other)}, points`;
    return { at: [rarest, commonest], what, difference: paired.difference(kind, other, paired.parity) };
  });
  const [lowest] = rarest.lora;
  const lower: Look = {
    at: [rarest],
    what: `gap of ${nameOf(lowest)} minus gap of ${nameOf(rarest.full)}, points`,
    difference: paired.difference(lowest, rarest.full, paired.parity),
  };
  return [
    paired.claim(
      'The underrepresented group is misclassified more than the majority (figure 4).',
      misclassified,
      'points',
    ),
    ...(rarest === commonest
      ? []
      : [
          paired.claim(
            'The gap between the groups grows as the minority gets rarer (figures 4, 7 and 8).',
            rarer,
            'points',
          ),
        ]),
    paired.claim(
      'Lower ranks have the higher accuracy gap: the lowest rank against full fine-tuning (figure 4).',
      [lower],
      'points',
    ),
  ];
}

/** The paper shows the decisions for the positive class. Here that is the last of the labels. */
export function figure5Claims(summary: ClassificationSummary, evidence: ClassificationEvidence): readonly Claim[] {
  const paired = new PairedClaims(summary, evidence);
  const at = paired.shares.at(-1);
  if (!at) return [];
  const [lowest, highest] = [at.lora[0], at.lora.at(-1)];
  const look: Look = {
    at: [at],
    what: `mean margin where "${summary.labels.at(-1) ?? ''}" was decided, ${nameOf(highest)} minus ${nameOf(lowest)}`,
    difference: lowest === highest ? undefined : paired.difference(highest, lowest, marginOn),
  };
  return [paired.claim('The margin between the decisions grows with the rank (figure 5).', [look], 'plain')];
}

/** The decision rule that a run shows first. */
export function firstRule(summary: ClassificationSummary): DecisionRule {
  return rulesOf(summary)[0] ?? 'probability';
}
