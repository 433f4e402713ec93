/** The verdict on a run, figure by figure: columns of a CSV file, and a table of its arms. */
import type { ArmVerdict, RunVerdict } from '../../protocol/run/runVerdict.ts';
import { percentNumber, signedPoints } from '../text/format.ts';
import type { TextTable } from '../text/textTable.ts';

export interface VerdictColumn {
  readonly csv: string;
  /** `arm` is undefined where the verdict says nothing of an arm, as of the base. */
  readonly read: (verdict: RunVerdict, arm: ArmVerdict | undefined) => string | number | undefined;
}

/** Per arm its word with its numbers, shares 0..1; then, in every row, the answer and why it is exploratory. */
export const verdictColumns: readonly VerdictColumn[] = [
  { csv: 'verdict', read: (_, arm) => arm?.word },
  { csv: 'verdict_measure', read: (_, arm) => arm?.measure },
  { csv: 'verdict_estimate', read: (_, arm) => arm?.estimate },
  { csv: 'verdict_lower', read: (_, arm) => arm?.lower },
  { csv: 'verdict_upper', read: (_, arm) => arm?.upper },
  { csv: 'verdict_rate', read: (_, arm) => arm?.rate },
  { csv: 'verdict_limit', read: (_, arm) => arm?.limit },
  { csv: 'verdict_p', read: (_, arm) => arm?.p },
  { csv: 'verdict_level', read: (_, arm) => arm?.level },
  { csv: 'verdict_answer', read: ({ answer }) => answer },
  { csv: 'verdict_exploratory', read: ({ exploratory }) => exploratory },
];

/** An arm a row: its word, what was estimated with its bounds, and p with the level it was tested at. */
export function verdictFigures({ arms }: RunVerdict): TextTable {
  return {
    header: ['arm', 'verdict', 'keeps, or differs by', 'bounds', 'p', 'level'],
    rows: arms.map(({ arm, word, measure, estimate, lower, upper, p, level }) => {
      const text = (value: number | undefined): string => (value === undefined ? '' : writtenAs(measure, value));
      const bounds = [lower, upper].some((end) => end !== undefined) ? `[${text(lower)}, ${text(upper)}]` : '';
      return [arm, word, text(estimate), bounds, p?.toPrecision(3) ?? '', level?.toPrecision(3) ?? ''];
    }),
  };
}

function writtenAs(measure: ArmVerdict['measure'], value: number): string {
  return measure === 'kept' ? `${percentNumber(value)} %` : `${signedPoints(value)} points`;
}
