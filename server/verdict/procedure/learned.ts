/** Whether a rank has learned: a measurement, not a test. It keeps an adapter that was never trained from being safe. */
import type { Recipe } from '../input/recipes.ts';
import type { Question } from './question.ts';
import type { Learned } from '../sweepVerdict.ts';

/** The share of full fine-tuning's improvement of the held-out loss that the worst of the rank's trainings reached. */
export function hasLearned({ declaration, base, full }: Question, rank: Recipe): Learned {
  // Matching full fine-tuning's accuracy is having learned.
  if (declaration.goal === 'match') return { passed: true };
  const before = base?.trainings[0]?.heldOutLoss;
  const after = losses(rank);
  if (before === undefined || !after) return { passed: false, why: 'the held-out loss was not measured' };
  if (!full) return { passed: Math.max(...after) < before, why: 'there is no full fine-tuning to compare with' };
  const fullLosses = losses(full);
  if (!fullLosses) return { passed: false, why: 'the held-out loss of full fine-tuning was not measured' };
  const improved = before - fullLosses.reduce((sum, loss) => sum + loss, 0) / fullLosses.length;
  if (improved <= 0) return { passed: false, why: 'full fine-tuning has not learned' };
  const share = (before - Math.max(...after)) / improved;
  return { passed: share >= declaration.learned, share };
}

/** Undefined unless measured of every training. */
function losses({ trainings }: Recipe): readonly number[] | undefined {
  const measured = trainings.flatMap(({ heldOutLoss }) => heldOutLoss ?? []);
  return measured.length === trainings.length ? measured : undefined;
}
