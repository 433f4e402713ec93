import type { Judge } from '../../judges/judge/judge.ts';
import { judgeKindOf, singleJudges, type JudgeSpec } from '../../protocol/sweep/judgeSpec.ts';
import type { Client } from '../../protocol/messages/channel.ts';
import type { WorkerContract } from '../../protocol/messages/worker.ts';
import type { SlicedJudge } from './slicedJudge.ts';

/** Length of one call, ms. The engine works best on many texts, but edits wait for the running call. */
const slice = 500;

/**
 * Opens a judge that the engine process runs. The first request has no texts and returns the judge's name, hash and
 * threshold. `client` returns the current engine. Rejects with the engine's error, or with how the engine died.
 */
export async function openEngineJudge(
  spec: JudgeSpec,
  client: () => Pick<Client<WorkerContract>, 'request'>,
): Promise<SlicedJudge> {
  const ask = (items: Parameters<Judge['judge']>[0], signal?: AbortSignal) =>
    client().request(
      'judge',
      { judge: spec, items: items.map(({ text, prompt }) => ({ text, ...(prompt !== undefined && { prompt }) })) },
      signal === undefined ? {} : { signal },
    );
  const { judge: name, hash, threshold } = await ask([]);
  return {
    kind: judgeKind(spec),
    name,
    hash,
    threshold,
    slice,
    judge: async (items, signal) => (await ask(items, signal)).verdicts,
  };
}

/** The kind of verdicts that a person sees: that of the first judge that is not human, where there is one. */
function judgeKind(spec: JudgeSpec): Judge['kind'] {
  const sources = singleJudges(spec).map((one) => judgeKindOf(one).source);
  return sources.find((source) => source !== 'human') ?? 'human';
}
