/** What reports, verdicts and the command line need of an experiment. Each experiment implements one such definition. */
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
  /** Computed only where the output can draw charts. */
  readonly charts: () => readonly CaptionedChart[];
  /** The text in place of a table that has no row. */
  readonly instead?: string;
}

export interface CaptionedChart {
  readonly caption: string;
  readonly chart: Html;
}

/** A table for the terminal. */
interface PrintedTable {
  readonly title?: string;
  readonly table: TextTable;
}

/** The arms that have been measured, and the metrics of a run that has finished. */
interface Measured<E extends ExperimentName> {
  readonly arms: readonly ArmMetrics[];
  readonly metrics?: MetricsOf<E> | undefined;
}

/** The definition of the experiment of one name. */
export interface ExperimentReport<E extends ExperimentName> {
  /** What the report is about, for its heading. */
  readonly subject: string;
  /** What the figures allow to say, in sentences. */
  conclusion(measured: Measured<E>): string;
  /** The sections that answer the question. */
  parts(measured: Measured<E>): readonly ReportPart[];
  /** The tables of these sections that a terminal has room for. */
  printed(metrics: MetricsOf<E>): readonly PrintedTable[];
  /** The settings of the run, as names and values. */
  provenance(sweep: SweepOf<E>): readonly (readonly [name: string, value: string])[];
  /**
   * The paper's claims and what the run shows of each, for a run that repeats a result of the paper. Throws
   * RankscopeError('run') where the files that decide a claim are missing or damaged.
   */
  claims(folder: RunFolder, sweep: SweepOf<E>, metrics: MetricsOf<E>): Promise<readonly Claim[]>;
  /** How a run that repeats a result of the paper differs from the paper, in one statement for each difference. */
  differences(sweep: SweepOf<E>, metrics: MetricsOf<E>): readonly string[];
  /**
   * The outcomes that the verdict is computed from. Throws RankscopeError('run') where files of the run are missing
   * or damaged.
   */
  outcomes(folder: RunFolder, sweep: SweepOf<E>, metrics: MetricsOf<E>): Promise<VerdictInput>;
  /**
   * Names who or what decided which outcomes count against an arm. `judge` is the name of the run's judge, if it
   * has one.
   */
  judge(sweep: SweepOf<E>, judge: string): JudgeWords;
  /** The prompt files, which name the sentence that each prompt was made from. */
  promptFiles(sweep: SweepOf<E>): readonly PromptFile[];
}
