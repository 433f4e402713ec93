/** Everything that the report of a run tells. */
import { reportData, type ReportData } from './reportData.ts';
import { reproduction, type Reproduction } from './reproduction.ts';
import type { StoredRun } from '../runs/readRun.ts';

export interface Report extends ReportData {
  /** What became of the paper's claims, of a finished run that repeats a result of the paper. */
  readonly reproduction?: Reproduction;
}

/** Throws RankscopeError('run') when a file of the run is damaged. */
export async function reportOf(run: StoredRun): Promise<Report> {
  const [data, found] = await Promise.all([reportData(run), reproduction(run)]);
  return { ...data, ...(found && { reproduction: found }) };
}
