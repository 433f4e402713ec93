import type { Example } from '../../dataset/example.ts';
import type { JudgeSpec } from '../../protocol/sweep/judgeSpec.ts';
import type { Result } from '../../protocol/messages/channel.ts';
import type { WorkerContract } from '../../protocol/messages/worker.ts';
import { type CliContext, withEngine } from './command.ts';

/** Texts of one request: enough to form batches of similar length, few enough to report progress between requests. */
const textsPerRequest = 2000;

export type Judged = Result<WorkerContract, 'judge'>;

/**
 * Has the engine process judge all examples and returns the verdicts in order. Reports progress where it takes more
 * than one request.
 */
export async function askJudge(
  judge: JudgeSpec,
  examples: readonly Pick<Example, 'text' | 'prompt'>[],
  context: CliContext,
): Promise<Judged> {
  const items = examples.map(({ text, prompt }) => ({ text, ...(prompt !== undefined && { prompt }) }));
  return withEngine(context, async ({ client }) => {
    const ask = (from: number): Promise<Judged> =>
      client.request('judge', { judge, items: items.slice(from, from + textsPerRequest) }, { signal: context.signal });
    const all = await ask(0);
    for (let from = textsPerRequest; from < items.length; from += textsPerRequest) {
      context.tell(`${from} of ${items.length} texts judged\n`);
      all.verdicts.push(...(await ask(from)).verdicts);
    }
    return all;
  });
}
