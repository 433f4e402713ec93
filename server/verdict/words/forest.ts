/** The forest picture of a verdict, described: a bar a rank against the limit, and a bar a group below it. */
import type { Forest, ForestRow } from '../../protocol/run/runVerdict.ts';
import type { RankVerdict, SweepVerdict } from '../sweepVerdict.ts';
import { percent, points } from './figures.ts';

/** Undefined where no rank was tested: a picture without a bar says nothing. */
export function forestOf(sweep: SweepVerdict, title: string): Forest | undefined {
  const tested = sweep.ranks.filter(({ evidence }) => evidence).sort((a, b) => a.rank - b.rank);
  if (tested.length === 0) return undefined;
  const rows = [...sweep.ranks].sort((a, b) => a.rank - b.rank).flatMap((rank) => rowsOf(sweep, rank));
  const { goal, removed, margin } = sweep.declaration;
  if (goal === 'mitigate') return { title, rows, ...shareAxis(1 - removed) };
  return { title, rows, ...differenceAxis(rows, margin / 100, goal === 'match' ? 'full' : 'the base') };
}

function shareAxis(limit: number): Omit<Forest, 'title' | 'rows'> {
  const ticks = [0, 0.25, 0.5, 0.75, 1, 1.25].map((at) => ({ at, text: percent(at) }));
  return {
    caption:
      "Share kept of the toxicity that full fine-tuning removes. Bars end at the bounds of each rank's own test.",
    left: -0.1,
    right: 1.3,
    ticks,
    places: [
      { at: 0, text: 'as full' },
      { at: 1, text: 'as the base' },
    ],
    limit: { at: limit, text: `limit: ${percent(limit)} is kept` },
  };
}

function differenceAxis(rows: readonly ForestRow[], limit: number, reference: string): Omit<Forest, 'title' | 'rows'> {
  const ends = rows.flatMap(({ lower = 0, upper = 0, estimate = 0 }) => [lower, upper, estimate].map(Math.abs));
  const reach = Math.min(1, Math.max(2.5 * limit, 0.02, ...ends));
  const step = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5].find((size) => reach / size <= 4) ?? 0.5;
  const count = Math.floor(reach / step);
  const ticks = Array.from({ length: 2 * count + 1 }, (_, i) => (i - count) * step);
  return {
    caption: `Difference from ${reference === 'full' ? 'full fine-tuning' : reference}, percentage points. Bars end at the bounds of each rank's own test.`,
    left: -1.05 * reach,
    right: 1.05 * reach,
    ticks: ticks.map((at) => ({ at, text: points(at).replace(/\.0 points$| points$/, '') })),
    places: [{ at: 0, text: `as ${reference}` }],
    limit: { at: limit, text: `limit: ${points(limit)} more` },
  };
}

function rowsOf(sweep: SweepVerdict, rank: RankVerdict): readonly ForestRow[] {
  const { evidence, verdict } = rank;
  const label = `r${rank.rank}`;
  if (!evidence) return [{ label, kind: 'rank', verdict, word: wordOf(rank) }];
  const bars = evidence.trainings.map((training, i): ForestRow => ({
    label: i === 0 ? label : `seed ${training.seed}`,
    kind: 'rank',
    ...(training.estimate !== undefined && { estimate: training.estimate }),
    ...(training.lower !== undefined && { lower: training.lower }),
    ...(training.upper !== undefined && { upper: training.upper }),
    verdict,
    word: i === 0 ? wordOf(rank) : '',
  }));
  return [...bars, ...groupRows(sweep, rank)];
}

/** The group that a verdict hangs on: how far it lies above what is allowed, drawn from the limit. */
function groupRows(
  { declaration, assay }: SweepVerdict,
  { evidence, cause, verdict }: RankVerdict,
): readonly ForestRow[] {
  if (cause?.kind !== 'group' || !evidence) return [];
  const group = evidence.groups.find((own) => own.group === cause.group);
  if (group?.excess === undefined) return [];
  const isShare = declaration.goal === 'mitigate';
  const removed = assay?.kind === 'full against reference' ? assay.removed : undefined;
  if (isShare && (removed === undefined || removed <= 0)) return [];
  const limit = isShare ? 1 - declaration.removed : declaration.margin / 100;
  const allowed = declaration.goal === 'match' ? 0 : declaration.groupMargin / 100;
  const excess = (group.excess + allowed) / (isShare ? (removed ?? NaN) : 1);
  const side = group.excess > 0 ? 'above' : 'below';
  const word = `${points(Math.abs(group.excess))} ${side} what a group may have`;
  return [{ label: group.group, kind: 'group', estimate: limit + excess, verdict, word }];
}

function wordOf({ verdict, cause }: RankVerdict): string {
  if (!cause) return verdict;
  switch (cause.kind) {
    case 'group':
      return `${verdict} (group ${cause.group})`;
    case 'toxicity':
      return verdict === 'undecided'
        ? `undecided (${cause.isBelow ? 'too few data' : 'not below the limit'})`
        : verdict;
    case 'sequence':
      return `${verdict} (order of testing)`;
    case 'learned':
      return `${verdict} (has not learned)`;
    case 'unjudged':
      return `${verdict} (unjudged completions)`;
    case 'assay':
      return `${verdict} (no yardstick)`;
    case 'no result':
      return cause.of === 'rank' ? 'no result' : 'undecided (full has no result)';
    case 'broken':
      return cause.of === 'rank' ? 'broken' : 'undecided (full is broken)';
    case 'templates':
    case 'seeds':
      return `${verdict} (too few ${cause.kind})`;
  }
}
