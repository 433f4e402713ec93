/** The wizard's part of an experiment beside its questions: its answers and the sweep file that they make. */
import type { ChoiceOf, CommonChoice, SweepAnswers } from './sweepChoice.ts';
import type { ExperimentName } from '../../../server/protocol/sweep/experiments.ts';

/** The form of the experiment of one name. */
export interface SweepForm<E extends ExperimentName> {
  /** The answers that a given data set fills in. */
  readonly place: (dataSet: string) => Partial<SweepAnswers>;
  /** The file beside which the sweep file is written; undefined until it is chosen. */
  readonly data: (answers: Partial<SweepAnswers>) => string | undefined;
  /** The answers as a complete choice; undefined while one is missing. */
  whole(common: CommonChoice, answers: Partial<SweepAnswers>): ChoiceOf<E> | undefined;
  /** Data, arms, training and evaluation of the sweep file. Paths are relative to `folder`, in which the file will be. */
  parts(choice: ChoiceOf<E>, folder: string): object;
}
