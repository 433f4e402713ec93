/** The forms of all experiments, complete by type over their names. */
import type { ExperimentName } from '../../../server/protocol/sweep/experiments.ts';
import { classificationForm } from './classificationForm.ts';
import type { SweepAnswers, SweepChoice } from './sweepChoice.ts';
import type { SweepForm } from './sweepForm.ts';
import { toxicityForm } from './toxicityForm.ts';

export const sweepForms: { readonly [E in ExperimentName]: SweepForm<E> } = {
  toxicity: toxicityForm,
  classification: classificationForm,
};

/** The form for a choice. The type pairs it with the same experiment. */
export function formOf(experiment: ExperimentName): SweepForm<ExperimentName> {
  return sweepForms[experiment];
}

/** The answers as a complete choice; undefined while one is missing. */
export function wholeChoice(answers: Partial<SweepAnswers>, name: string): SweepChoice | undefined {
  const { experiment, model, ranks, full, effort } = answers;
  if (!experiment || !model || !ranks || full === undefined || !effort) return undefined;
  return formOf(experiment).whole({ name, model, ranks, full, effort }, answers);
}
