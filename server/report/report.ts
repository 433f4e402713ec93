/** The whole content of a run's report. */
import { reportData, type ReportData } from './reportData.ts';
import { reproduction, type Reproduction } from './reproduction.ts';
import type { StoredRun } from '../runs/readRun.ts';

export interface Report extends ReportData {
  /** The paper's claims and what the run shows of each, for a finished run that repeats a result of the paper. */
  readonly reproduction?: Reproduction;
}

/** Gathers the report of a run. Throws RankscopeError('run') where a file of the run is damaged. */
export async function reportOf(run: StoredRun): Promise<Report> {
  const [data, found] = await Promise.all([reportData(run), reproduction(run)]);
  return { ...data, ...(found && { reproduction: found }) };
}
