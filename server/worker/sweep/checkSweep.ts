import { readClassificationData } from '../../experiments/classification/classificationData.ts';
import { resolveSweep } from '../../experiments/sweep/resolveSweep.ts';
import { readToxicityData } from '../../experiments/toxicity/toxicityMitigation.ts';
import { usualEpochs } from '../../experiments/classification/trainAtRate.ts';
import { planLength } from '../../experiments/sweep/trainingLength.ts';
import type { Result } from '../../protocol/channel.ts';
import type { WorkerContract } from '../../protocol/worker.ts';
import { checkTexts } from '../host/checkTexts.ts';
import { askedTexts } from './sweepQuestion.ts';

/**
 * Throws what starting the sweep would for its file, its data and, where the model is on this machine, what that can read:
 * RankscopeError('config'), ('data') or ('model').
 */
export async function checkSweep(file: string): Promise<Result<WorkerContract, 'sweep.check'>> {
  const { sweep, arms: plans, cuts } = await resolveSweep(file);
  const arms = [...plans, ...cuts].map(({ id }) => id);
  if (sweep.experiment === 'classification') {
    const data = await readClassificationData(sweep);
    const { training, test } = data;
    await checkTexts(sweep.model, askedTexts({ experiment: 'classification', sweep, data }));
    const { note } = planLength({ training: sweep.training, isLenient: true }, training.length, usualEpochs);
    return { training: training.length, heldOut: test.length, arms, notes: notesOf(note) };
  }
  const data = await readToxicityData(sweep);
  await checkTexts(sweep.model, askedTexts({ experiment: 'toxicity', sweep, data }));
  const { prompts, length } = data;
  return { training: prompts.training.length, heldOut: prompts.heldOut.length, arms, notes: notesOf(length?.note) };
}

function notesOf(note: string | undefined): string[] {
  return note === undefined ? [] : [note];
}
