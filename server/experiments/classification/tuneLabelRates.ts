/** Chooses the learning rates of a classification sweep that leaves them open, by the loss on its tune texts. */
import { plannedSteps } from '../sweep/trainingLength.ts';
import { tuneRates, type TrialPort, type TunedPlans } from '../tuning/tuneRates.ts';
import type { ArmsAtRate } from './classificationArms.ts';
import { withRarerMinority, type ClassificationData } from './classificationData.ts';
import type { ClassificationPorts } from './classificationStages.ts';
import type { ClassificationSweep } from '../../protocol/sweep/classificationSweep.ts';
import { usualEpochs } from './trainAtRate.ts';

/**
 * Rates are tried on the texts of the first share of the minority, and hold for all shares. Rejects with
 * RankscopeError('diverged') where no rate of a grid gives a finite loss.
 */
export async function tuneLabelRates(
  { sweep, data }: { readonly sweep: ClassificationSweep; readonly data: ClassificationData },
  shares: readonly ArmsAtRate[],
  { model, writer, control, signal }: ClassificationPorts,
): Promise<TunedPlans> {
  const examples = withRarerMinority(data.training, sweep.data.minority, shares[0]?.minority);
  const steps = plannedSteps(sweep.training, examples.length, usualEpochs);
  const trial: TrialPort = {
    train: (plans, options, callbacks) => model.train(plans, examples, options, callbacks),
    losses: (arms) => model.labelLosses(arms, data.tune, signal),
    forget: (arm) => {
      model.forget([arm]);
    },
  };
  const plans = shares.flatMap((share) => share.plans);
  const tuned = await tuneRates({ sweep, plans, steps, trial }, { writer, control, signal });
  if (tuned.rates.length > 0) {
    await writer.noteRates(new Map(tuned.plans.map(({ id, learningRate }) => [id, learningRate])));
  }
  return tuned;
}
