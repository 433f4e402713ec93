/**
 * The second setting of a recipe: the same sweep with learning rates chosen by held-out loss and one alpha for all
 * ranks.
 */
import type { AnySweepFile } from '../../protocol/sweep/experiments.ts';

/**
 * At the paper's settings all ranks share one learning rate and alpha is 2r, so that ranks also differ in how far
 * training moves them. Here the learning rates of LoRA and full fine-tuning are tuned, alpha is 32, and a toxicity
 * sweep takes as many pairs a step as their number allows.
 */
export function tunedSweep(sweep: AnySweepFile): AnySweepFile {
  const name = `${sweep.name ?? ''}, rates tuned`;
  if (sweep.experiment === 'classification') {
    return { ...sweep, name, arms: { ...sweep.arms, alpha: 32, learningRate: 'tune' } };
  }
  const { settings: _, ...rest } = sweep;
  const { gradientAccumulation: __, ...training } = sweep.training ?? {};
  return { ...rest, name, training, arms: { ...sweep.arms, alpha: 32, learningRate: 'tune' } };
}
