import { readClassificationData } from '../../experiments/classification/classificationData.ts';
import { resolveSweep } from '../../experiments/sweep/resolveSweep.ts';
import { readToxicityData } from '../../experiments/toxicity/toxicityMitigation.ts';
import { usualEpochs } from '../../experiments/classification/trainAtRate.ts';
import { planLength } from '../../experiments/sweep/trainingLength.ts';
import type { Result } from '../../protocol/channel.ts';
import type { WorkerContract } from '../../protocol/worker.ts';

/** Throws what starting the sweep would for its file and its data: RankscopeError('config') or ('data'). */
export async function checkSweep(file: string): Promise<Result<WorkerContract, 'sweep.check'>> {
  const { sweep, arms: plans } = await resolveSweep(file);
  const arms = plans.map(({ id }) => id);
  if (sweep.experiment === 'classification') {
    const { training, test } = await readClassificationData(sweep);
    const { note } = planLength({ training: sweep.training, isLenient: true }, training.length, usualEpochs);
    return { training: training.length, heldOut: test.length, arms, notes: notesOf(note) };
  }
  const { prompts, length } = await readToxicityData(sweep);
  return { training: prompts.training.length, heldOut: prompts.heldOut.length, arms, notes: notesOf(length?.note) };
}

function notesOf(note: string | undefined): string[] {
  return note === undefined ? [] : [note];
}
