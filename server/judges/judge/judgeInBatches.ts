import { errorDetails, RankscopeError } from '../../protocol/errors.ts';
import type { Judgeable, Verdict } from './judge.ts';

/** Asks a model about some items at once; one verdict each. */
export type AskBatch<Item extends Judgeable> = (
  items: readonly Item[],
  signal?: AbortSignal,
) => Promise<readonly Verdict[]>;

/**
 * Verdicts by batches. A batch whose model throws is asked again item by item, so that one text that a model cannot
 * take costs only itself; what still throws is unjudged with the reason. Blank texts are unjudged and never asked.
 * Only a cancellation rejects.
 */
export async function judgeInBatches<Item extends Judgeable>(
  items: readonly Item[],
  batchSize: number,
  ask: AskBatch<Item>,
  signal?: AbortSignal,
): Promise<readonly Verdict[]> {
  const verdicts = items.map((): Verdict => ({ kind: 'unjudged', reason: 'the text is empty' }));
  const asked = [...items.keys()].filter((i) => items[i]?.text.trim() !== '');
  for (let from = 0; from < asked.length; from += batchSize) {
    const batch = asked.slice(from, from + batchSize);
    const given = await askSafely(
      batch.flatMap((i) => items[i] ?? []),
      ask,
      signal,
    );
    batch.forEach((i, j) => (verdicts[i] = given[j] ?? { kind: 'unjudged', reason: 'the judge gave no verdict' }));
  }
  return verdicts;
}

async function askSafely<Item extends Judgeable>(
  batch: readonly Item[],
  ask: AskBatch<Item>,
  signal?: AbortSignal,
): Promise<readonly Verdict[]> {
  stopIfCancelled(signal);
  try {
    return await ask(batch, signal);
  } catch (error) {
    stopIfCancelled(signal);
    const [only] = batch;
    if (only !== undefined && batch.length === 1) return [failed(error)];
    const verdicts: Verdict[] = [];
    for (const item of batch) verdicts.push(...(await askSafely([item], ask, signal)));
    return verdicts;
  }
}

/** What a judge that threw says of a text. */
export function failed(error: unknown): Verdict {
  return { kind: 'unjudged', reason: `the judge failed: ${errorDetails(error).what}` };
}

/** Throws `cancelled` once the signal is aborted. */
export function stopIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new RankscopeError({ code: 'cancelled', what: 'Judging was cancelled.' });
}
