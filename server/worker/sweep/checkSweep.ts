import { experimentOf } from '../../experiments/experiments.ts';
import { resolveSweep } from '../../experiments/resolveSweep.ts';
import type { Result } from '../../protocol/messages/channel.ts';
import type { WorkerContract } from '../../protocol/messages/worker.ts';
import { checkTexts } from '../host/checkTexts.ts';

/**
 * Throws what starting the sweep would throw for its file and its data and, where the model is on this machine, for
 * texts that it cannot read: RankscopeError('config'), ('data') or ('model').
 */
export async function checkSweep(file: string): Promise<Result<WorkerContract, 'sweep.check'>> {
  const { sweep, arms, cuts } = await resolveSweep(file);
  const { training, heldOut, note, texts } = await experimentOf(sweep).read(sweep);
  await checkTexts(sweep.model, texts);
  const ids = [...arms, ...cuts].map(({ id }) => id);
  return { training, heldOut, arms: ids, notes: note === undefined ? [] : [note] };
}
