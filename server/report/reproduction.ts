/**
 * For a run that repeats a result of the paper: the paper's numbers, its claims, and how the run differs from the
 * paper.
 */
import { errorDetails } from '../protocol/errors.ts';
import type { RunMetrics } from '../protocol/run/run.ts';
import type { AnySweep } from '../protocol/sweep/experiments.ts';
import type { TextTable } from '../measures/text/textTable.ts';
import { experimentReportOf } from './experiments/experimentReports.ts';
import { table1 } from './tables/classificationTables.ts';
import type { Claim } from './reproduction/claim.ts';
import { firstRule } from './reproduction/classificationClaims.ts';
import { paperTable1 } from './reproduction/paperTable1.ts';
import type { StoredRun } from '../runs/readRun.ts';

export interface Reproduction {
  readonly title: string;
  readonly tables: readonly { readonly title: string; readonly table: TextTable }[];
  readonly claims: readonly Claim[];
  /** How the run differs from the paper, in one statement for each difference. */
  readonly differences: readonly string[];
}

/**
 * Undefined for a run that repeats no result, and for one that has not finished. Where the files that decide the
 * claims are missing, as in a run of an earlier version, there are no claims, and the differences say why.
 */
export async function reproduction(run: StoredRun): Promise<Reproduction | undefined> {
  const { sweep, arms } = run.record;
  const wanted = sweep.reproduces;
  const { metrics } = run;
  if (wanted === undefined || metrics === undefined) return undefined;
  const { claims: found, without } = await claimsOf(run, metrics);
  const where = wanted.dataset === undefined ? '' : ` on ${wanted.dataset}`;
  return {
    title: `${titles[wanted.item]} of arXiv 2405.18572${where}`,
    tables: tables(sweep, metrics),
    claims: found,
    differences: [
      ...without,
      `The base model is ${sweep.model.replace(/^.*[\\/](?=.)/, '')}; the paper's are ${paperModels[wanted.item]}.`,
      ...experimentReportOf(sweep).differences(sweep, metrics),
      ...(wanted.scale === 'small'
        ? ['The scale is small: what the intervals leave open is undecided, not refuted.']
        : []),
      ...(arms.some(({ method }) => method === 'full') ? [] : ['There is no full fine-tuning to compare with.']),
    ],
  };
}

type Item = NonNullable<AnySweep['reproduces']>['item'];

const titles: Readonly<Record<Item, string>> = {
  table1: 'Table 1',
  figure2: 'Figure 2',
  figure4: 'Figure 4 (and 7, 8)',
  figure5: 'Figure 5',
  figure6: 'Figure 6',
  'honest-race': 'Figure 12 (HONEST Race)',
};

const paperModels: Readonly<Record<Item, string>> = {
  table1: 'GPT-2 and OPT 1.3B',
  figure2: 'Llama-2 7B and OPT 1.3B',
  figure4: 'GPT-2, BERT (figure 7) and OPT 1.3B (figure 8)',
  figure5: 'GPT-2',
  figure6: 'not named in the text of section 5',
  'honest-race': 'OPT 1.3B',
};

function tables(sweep: AnySweep, { classification }: RunMetrics): Reproduction['tables'] {
  const dataset = sweep.reproduces?.dataset;
  if (sweep.reproduces?.item !== 'table1' || !classification || dataset === undefined) return [];
  const own = table1(classification, firstRule(classification));
  const theirs = paperTable1(dataset);
  return [
    ...(own
      ? [{ title: `This run, table 1's layout: ${classification.minority ?? ''} is the minority`, table: own }]
      : []),
    ...(theirs
      ? [{ title: "The paper's table 1 (the shares of its two blocks are missing from its text)", table: theirs }]
      : []),
  ];
}

async function claimsOf({ folder, record: { sweep } }: StoredRun, metrics: RunMetrics) {
  try {
    return { claims: await experimentReportOf(sweep).claims(folder, sweep, metrics), without: [] };
  } catch (error) {
    const { code, what } = errorDetails(error);
    if (code !== 'run') throw error;
    return { claims: [], without: [`The claims cannot be decided: ${what}.`] };
  }
}
