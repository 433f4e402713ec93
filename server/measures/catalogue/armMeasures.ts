/**
 * The catalogue of what is measured of an arm. Every surface iterates it: the command line, reports, CSV, the clipboard,
 * the tool for chat models, panels and charts. Complete by type: a field that is new in ArmMetrics does not compile
 * without its entry here, and an entry is all that it takes.
 */
import type { ArmMetrics } from '../../protocol/run/run.ts';
import { decisionMeasures, decisionShape } from './decisionMeasures.ts';
import { groupFigures } from './groupFigures.ts';
import type { Measure } from './measure.ts';

/** What the figures of an arm are read off; a round of mitigation has some of them. */
export type ArmFigures = Partial<ArmMetrics>;
export type ArmMeasure = Measure<ArmFigures>;

/** What an arm is, not what was measured of it: a column of CSV files. */
export interface Attribute {
  readonly csv: string;
  readonly read: (arm: ArmMetrics) => string | number | undefined;
}

/** The measures of a field; `arms` says which references, rules and groups there are. */
type Entry = Attribute | readonly ArmMeasure[] | ((arms: readonly ArmFigures[]) => readonly ArmMeasure[]);

/** A figure that was read off, without interval. */
const reading = (value: number | undefined) => (value === undefined ? undefined : { value });

const ofBase = { base: 'is the base' };
const ofReference = { full: 'is the reference' };
const ofTrained = { base: 'not trained' };

/** In the order of columns. */
export const armFields = {
  id: { csv: 'arm', read: ({ id }) => id },
  method: { csv: 'method', read: ({ method }) => method },
  rank: { csv: 'rank', read: ({ rank }) => rank },
  seed: { csv: 'seed', read: ({ seed }) => seed },
  learningRate: { csv: 'learning_rate', read: ({ learningRate }) => learningRate },
  trainableParameters: { csv: 'trainable_parameters', read: ({ trainableParameters }) => trainableParameters },
  cutFrom: { csv: 'cut_from', read: ({ cutFrom }) => cutFrom },
  minority: { csv: 'minority', read: ({ minority }) => minority },
  toxicity: [
    {
      key: 'toxicity',
      title: 'toxic',
      unit: 'share',
      better: 'lower',
      read: ({ toxicity }) => toxicity,
      csv: { stem: 'toxicity', value: 'rate', hasInterval: true },
      interval: 'apart',
      barTitle: 'Toxic completions',
      most: 1,
    },
    {
      key: 'judged',
      title: 'judged',
      unit: 'count',
      read: ({ toxicity, unjudged }) => (unjudged === undefined ? undefined : { value: judgedCount(toxicity) }),
      csv: { stem: 'judged' },
    },
  ],
  toxicityGap: [
    {
      key: 'toxicityGap',
      title: 'group gap',
      unit: 'points',
      better: 'lower',
      read: ({ toxicityGap }) => toxicityGap,
      csv: { stem: 'toxicity_gap', value: 'points', hasInterval: true },
    },
  ],
  unjudged: [
    {
      key: 'unjudged',
      title: 'unjudged',
      unit: 'count',
      better: 'lower',
      read: ({ unjudged }) => reading(unjudged),
      csv: { stem: 'unjudged' },
    },
  ],
  toxicityVersus: (arms) =>
    distinct(arms.flatMap(({ toxicityVersus = [] }) => toxicityVersus.map(({ reference }) => reference))).map((id) => ({
      key: `toxicityVersus.${id}`,
      title: ['toxic minus {0}', id],
      unit: 'shareDifference',
      better: 'lower',
      read: ({ toxicityVersus }) => toxicityVersus?.find(({ reference }) => reference === id)?.difference,
      csv: { stem: `toxicity_minus_${id}`, hasInterval: true },
      absence: { ...ofBase, ...(arms.some((arm) => arm.id === id && arm.method === 'full') && ofReference) },
      reference: id,
    })),
  toxicAtLeastOnce: [
    {
      key: 'toxicAtLeastOnce',
      title: 'toxic at least once',
      unit: 'share',
      better: 'lower',
      read: ({ toxicAtLeastOnce }) => toxicAtLeastOnce,
      csv: { stem: 'toxic_at_least_once', n: 'prompts', hasInterval: true },
    },
  ],
  maximumToxicity: [
    {
      key: 'maximumToxicity',
      title: 'expected maximum toxicity',
      unit: 'plain',
      better: 'lower',
      read: ({ maximumToxicity }) => maximumToxicity,
      csv: { stem: 'expected_maximum_toxicity', n: 'prompts', hasInterval: true },
    },
  ],
  worstGroupToxicity: [
    {
      key: 'worstGroupToxicity',
      title: 'toxic, worst group',
      unit: 'share',
      better: 'lower',
      read: ({ worstGroupToxicity }) => worstGroupToxicity?.rate,
      remark: ({ worstGroupToxicity }) => worstGroupToxicity?.group,
      csv: { stem: 'worst_group_toxicity', n: 'judged', hasInterval: true },
    },
  ],
  groups: (arms) =>
    distinct(arms.flatMap(({ groups = [] }) => groups.map(({ group }) => group))).flatMap((group) =>
      groupMeasures(group, arms),
    ),
  classification: (arms) => {
    const shape = decisionShape(arms.flatMap(({ classification }) => classification ?? []));
    // Bars are drawn of kinds of arms, which several seeds are taken together in.
    return decisionMeasures(shape).map(({ read, remark, barTitle, ...measure }): ArmMeasure => {
      const own = (arm: ArmFigures) => arm.classification && read(arm.classification);
      const said = remark && ((arm: ArmFigures) => arm.classification && remark(arm.classification));
      return { ...measure, read: own, ...(said && { remark: said }) };
    });
  },
  honest: [
    {
      key: 'honest',
      title: 'HONEST',
      unit: 'share',
      better: 'lower',
      read: ({ honest }) => honest,
      csv: { stem: 'honest', hasInterval: true },
      barTitle: 'Hurtful completions (HONEST)',
      most: 1,
    },
  ],
  kl: [
    {
      key: 'kl',
      title: 'KL from base',
      unit: 'nats',
      read: ({ kl }) => kl,
      csv: { stem: 'kl', value: 'mean_nats', n: 'prompts', hasInterval: true },
      absence: ofBase,
      barTitle: 'KL from the base',
    },
  ],
  klAll: [
    {
      key: 'klAll',
      title: 'KL at every position',
      unit: 'nats',
      read: ({ klAll }) => klAll,
      csv: { stem: 'kl_all', value: 'mean_nats', n: 'positions', hasInterval: true },
      absence: ofBase,
      barTitle: 'KL from the base at every position',
    },
  ],
  entropy: [
    {
      key: 'entropy',
      title: 'entropy',
      unit: 'nats',
      read: ({ entropy }) => entropy,
      csv: { stem: 'entropy', value: 'nats', hasInterval: true },
    },
  ],
  heldOutLoss: [
    {
      key: 'heldOutLoss',
      title: 'held-out loss',
      unit: 'nats',
      better: 'lower',
      read: ({ heldOutLoss }) => heldOutLoss,
      csv: { stem: 'held_out_loss', value: 'nats', n: 'tokens', hasInterval: true },
    },
  ],
  perplexity: [
    {
      key: 'perplexity',
      title: 'perplexity',
      unit: 'plain',
      better: 'lower',
      read: ({ perplexity }) => perplexity,
      csv: { stem: 'perplexity', hasInterval: true },
    },
  ],
  neutralLoss: [
    {
      key: 'neutralLoss',
      title: 'loss on neutral text',
      unit: 'nats',
      better: 'lower',
      read: ({ neutralLoss }) => neutralLoss,
      csv: { stem: 'neutral_loss', value: 'nats', n: 'tokens' },
    },
  ],
  forgetting: [
    {
      key: 'forgetting',
      title: 'forgetting',
      unit: 'nats',
      better: 'lower',
      read: ({ forgetting }) => forgetting,
      csv: { stem: 'forgetting', value: 'nats', n: 'texts', hasInterval: true },
      absence: ofBase,
      barTitle: 'Forgetting: loss on neutral text minus that of the base',
    },
  ],
  finalLoss: [
    {
      key: 'finalLoss',
      title: 'final loss',
      unit: 'nats',
      better: 'lower',
      read: ({ finalLoss }) => reading(finalLoss),
      csv: { stem: 'final_loss', value: 'nats' },
      absence: ofTrained,
    },
  ],
  bestStep: { csv: 'best_step', read: ({ bestStep }) => bestStep },
  trainTokensPerSecond: [
    {
      key: 'trainTokensPerSecond',
      title: 'tokens/s',
      unit: 'tokensPerSecond',
      better: 'higher',
      read: ({ trainTokensPerSecond }) => reading(trainTokensPerSecond),
      csv: { stem: 'train_tokens_per_second' },
      absence: ofTrained,
    },
  ],
  peakMemoryBytes: [
    {
      key: 'peakMemoryBytes',
      title: 'peak memory',
      unit: 'bytes',
      better: 'lower',
      read: ({ peakMemoryBytes }) => reading(peakMemoryBytes),
      csv: { stem: 'peak_memory_bytes' },
      absence: ofTrained,
    },
  ],
  failure: { csv: 'failure', read: ({ failure }) => failure },
} as const satisfies Readonly<Record<keyof ArmMetrics, Entry>>;

/** A catalogue: `armFields`, or another of its form. */
export type ArmCatalogue = Readonly<Record<string, Entry>>;

/** The measures of these arms, in the order of columns; a family has one for each reference, rule, group or label. */
export function armMeasures(arms: readonly ArmFigures[], catalogue: ArmCatalogue = armFields): readonly ArmMeasure[] {
  return Object.values(catalogue).flatMap((entry): readonly ArmMeasure[] => {
    if (typeof entry === 'function') return entry(arms);
    return isAttribute(entry) ? [] : entry;
  });
}

/** The measures that any of the arms has a figure of, or a reason why it has none. */
export function presentMeasures(
  arms: readonly ArmFigures[],
  catalogue: ArmCatalogue = armFields,
): readonly ArmMeasure[] {
  return armMeasures(arms, catalogue).filter(({ read }) => arms.some((arm) => read(arm) !== undefined));
}

/** The measures on the prompts that are about one group. */
function groupMeasures(name: string, arms: readonly ArmFigures[]): readonly ArmMeasure[] {
  const own = ({ groups }: ArmFigures) => groups?.find(({ group }) => group === name);
  const references = arms.flatMap((arm) => own(arm)?.toxicityVersus?.map(({ reference }) => reference) ?? []);
  return groupFigures(distinct(references)).map(({ key, title, stem, n, read, ...figure }): ArmMeasure => {
    const { reference } = figure;
    return {
      ...figure,
      key: `${key}.${name}`,
      title: [title, name, ...(reference === undefined ? [] : [reference])],
      read: (arm) => {
        const found = own(arm);
        return found && read(found);
      },
      csv: { stem: `${stem}_${name}`, n, hasInterval: true },
    };
  });
}

export function isAttribute(entry: Entry): entry is Attribute {
  return typeof entry !== 'function' && 'csv' in entry;
}

function judgedCount(toxicity: ArmMetrics['toxicity']): number {
  return toxicity !== undefined && 'value' in toxicity ? (toxicity.n ?? 0) : 0;
}

function distinct<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}
