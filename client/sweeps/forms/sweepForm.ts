/** What the wizard needs of an experiment beside its questions: its answers and the sweep file that they make. */
import type { ChoiceOf, CommonChoice, SweepAnswers } from './sweepChoice.ts';
import type { ExperimentName } from '../../../server/protocol/sweep/experiments.ts';

/** The form of the experiment of one name. */
export interface SweepForm<E extends ExperimentName> {
  /** What a data set is to the question. */
  readonly place: (dataSet: string) => Partial<SweepAnswers>;
  /** The file that the sweep file is written beside; undefined until it is chosen. */
  readonly data: (answers: Partial<SweepAnswers>) => string | undefined;
  /** The answers as a whole choice; undefined while something is missing. */
  whole(common: CommonChoice, answers: Partial<SweepAnswers>): ChoiceOf<E> | undefined;
  /** Data, arms, training and evaluation of the sweep file, which will lie in `folder`. */
  parts(choice: ChoiceOf<E>, folder: string): object;
}
