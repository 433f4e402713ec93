/** The catalogue of what is measured of an arm on the prompts that are about one identity group. Complete by type. */
import type { Estimate } from '../../protocol/run/estimate.ts';
import type { GroupToxicity } from '../../protocol/run/run.ts';
import type { Unit } from '../text/units.ts';

export interface GroupFigure {
  /** `toxicity` of `toxicity.female`. */
  readonly key: string;
  /** The heading of its column; {0} is the group, {1} the reference. */
  readonly title: string;
  readonly unit: Unit;
  readonly better?: 'lower' | 'higher';
  readonly read: (group: GroupToxicity) => Estimate | undefined;
  /** Begins the names of its columns in CSV files; `n` names the column that counts its observations. */
  readonly stem: string;
  readonly n: string;
  /** The arm that a paired difference is taken from. */
  readonly reference?: string;
  readonly isDetail?: boolean;
}

type Entry = readonly GroupFigure[] | ((references: readonly string[]) => readonly GroupFigure[]);

const groupFields = {
  // Names the row.
  group: [],
  toxicity: [
    {
      key: 'toxicity',
      title: 'toxic, {0}',
      unit: 'share',
      better: 'lower',
      read: ({ toxicity }) => toxicity,
      stem: 'toxicity',
      n: 'judged',
    },
  ],
  toxicAtLeastOnce: [
    {
      key: 'toxicAtLeastOnce',
      title: 'toxic at least once, {0}',
      unit: 'share',
      better: 'lower',
      read: ({ toxicAtLeastOnce }) => toxicAtLeastOnce,
      stem: 'toxic_at_least_once',
      n: 'prompts',
    },
  ],
  maximumToxicity: [
    {
      key: 'maximumToxicity',
      title: 'expected maximum toxicity, {0}',
      unit: 'plain',
      better: 'lower',
      read: ({ maximumToxicity }) => maximumToxicity,
      stem: 'expected_maximum_toxicity',
      n: 'prompts',
    },
  ],
  kl: [
    {
      key: 'kl',
      title: 'KL from base, {0}',
      unit: 'nats',
      read: ({ kl }) => kl,
      stem: 'kl',
      n: 'prompts',
      isDetail: true,
    },
  ],
  toxicityVersus: (references) =>
    references.map((id) => ({
      key: `toxicityVersus.${id}`,
      title: 'toxic minus {1}, {0}',
      unit: 'shareDifference',
      better: 'lower',
      read: ({ toxicityVersus }) => toxicityVersus?.find(({ reference }) => reference === id)?.difference,
      stem: `toxicity_minus_${id}`,
      n: 'prompts',
      reference: id,
      isDetail: true,
    })),
} as const satisfies Readonly<Record<keyof GroupToxicity, Entry>>;

/** In the order of columns; `references` are the arms that differences are taken from. */
export function groupFigures(references: readonly string[]): readonly GroupFigure[] {
  return Object.values(groupFields).flatMap((entry: Entry) =>
    typeof entry === 'function' ? entry(references) : entry,
  );
}
