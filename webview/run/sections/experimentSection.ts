import type { ExperimentName } from '../../../server/protocol/sweep/experiments.ts';
import type { MetricsOf } from '../../../server/protocol/run/run.ts';
import type { ArmStyle } from '../../chart/armStyle.ts';

/**
 * The section with the results of one experiment, beside the sections that all runs have: curves, arms, figures and
 * the table of arms.
 */
export interface ExperimentSection<E extends ExperimentName> {
  readonly element: HTMLElement;
  /** `metrics` is undefined before the run has finished, and in runs of other experiments. */
  update(metrics: MetricsOf<E> | undefined, styles: ReadonlyMap<string, ArmStyle>): void;
}
