import type { Judge } from '../../judges/judge/judge.ts';
import { judgeKindOf, singleJudges, type JudgeSpec } from '../../protocol/sweep/judgeSpec.ts';
import type { Client } from '../../protocol/messages/channel.ts';
import type { WorkerContract } from '../../protocol/messages/worker.ts';
import type { SlicedJudge } from './slicedJudge.ts';

/** One call takes about this long, ms: the engine works well on many texts, and edits wait for the call that is made. */
const slice = 500;

/**
 * A judge that the engine process runs. It is asked about nothing first, which tells its name, hash and threshold.
 * `client` gives the present engine. Rejects with what the engine says, or with how it died.
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

/** The kind of verdicts that a person sees: of the first judge that is no human, where there is one. */
function judgeKind(spec: JudgeSpec): Judge['kind'] {
  const sources = singleJudges(spec).map((one) => judgeKindOf(one).source);
  return sources.find((source) => source !== 'human') ?? 'human';
}
