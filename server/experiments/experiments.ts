/** The experiments, by name: how each is resolved, read and run. Complete by type over the names of protocol/sweep/experiments.ts. */
import { experimentNames, type AnySweep, type ExperimentName } from '../protocol/sweep/experiments.ts';
import { classificationExperiment } from './classification/classificationExperiment.ts';
import type { Experiment } from './sweep/experiment.ts';
import { toxicityExperiment } from './toxicity/toxicityExperiment.ts';

export const experiments: { readonly [E in ExperimentName]: Experiment<E> } = {
  toxicity: toxicityExperiment,
  classification: classificationExperiment,
};

/** The definition that a sweep is of. It takes this sweep, and no sweep of another experiment. */
export function experimentOf({ experiment }: Pick<AnySweep, 'experiment'>): Experiment<ExperimentName> {
  return experiments[experiment];
}

/** The definition of a name that was read from a file; undefined where there is none. */
export function experimentNamed(name: unknown): Experiment<ExperimentName> | undefined {
  const known = experimentNames.find((own) => own === name);
  return known && experiments[known];
}
