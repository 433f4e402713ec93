/** What reports, verdicts and the command line need of an experiment; one definition an experiment implements it. */
import type { TextTable } from '../../measures/text/textTable.ts';
import type { ExperimentName, SweepOf } from '../../protocol/sweep/experiments.ts';
import type { ArmMetrics, MetricsOf } from '../../protocol/run/run.ts';
import type { PromptFile } from '../../protocol/sweep/toxicitySweep.ts';
import type { RunFolder } from '../../runs/runFolder.ts';
import type { VerdictInput } from '../../verdict/input/verdictInput.ts';
import type { JudgeWords } from '../../verdict/words/verdictWords.ts';
import type { Claim } from '../reproduction/claim.ts';
import type { Html } from '../tables/htmlText.ts';

/** A section of a report: a table that answers the run's question. */
export interface ReportPart {
  readonly title: string;
  readonly table: TextTable;
  /** Drawn only where it is asked for. */
  readonly charts: () => readonly CaptionedChart[];
  /** What stands in place of a table without a row. */
  readonly instead?: string;
}

export interface CaptionedChart {
  readonly caption: string;
  readonly chart: Html;
}

/** A table as a terminal shows it. */
interface PrintedTable {
  readonly title?: string;
  readonly table: TextTable;
}

/** The arms that have been measured, and, of a run that has finished, its metrics. */
interface Measured<E extends ExperimentName> {
  readonly arms: readonly ArmMetrics[];
  readonly metrics?: MetricsOf<E> | undefined;
}

/** The definition of the experiment of one name. */
export interface ExperimentReport<E extends ExperimentName> {
  /** What a report is about, for its head. */
  readonly subject: string;
  /** What the figures allow to say, in sentences. */
  conclusion(measured: Measured<E>): string;
  /** The sections that answer the question. */
  parts(measured: Measured<E>): readonly ReportPart[];
  /** The same as far as a terminal has room for it. */
  printed(metrics: MetricsOf<E>): readonly PrintedTable[];
  /** What the run was asked to do, by name. */
  provenance(sweep: SweepOf<E>): readonly (readonly [name: string, value: string])[];
  /**
   * What became of the paper's claims, in a run that repeats a result of it. Throws RankscopeError('run') where what they are
   * decided on is missing or damaged.
   */
  claims(folder: RunFolder, sweep: SweepOf<E>, metrics: MetricsOf<E>): Promise<readonly Claim[]>;
  /** What is not as in the paper, one statement each, in a run that repeats a result of it. */
  differences(sweep: SweepOf<E>, metrics: MetricsOf<E>): readonly string[];
  /** What the verdict is read from. Throws RankscopeError('run') where files of the run are missing or damaged. */
  outcomes(folder: RunFolder, sweep: SweepOf<E>, metrics: MetricsOf<E>): Promise<VerdictInput>;
  /** Who decided what counts against an arm; `judge` is the name of the run's judge, if it has one. */
  judge(sweep: SweepOf<E>, judge: string): JudgeWords;
  /** Files of prompts, which say what sentence a prompt was made from. */
  promptFiles(sweep: SweepOf<E>): readonly PromptFile[];
}
