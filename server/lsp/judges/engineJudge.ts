import type { Judge } from '../../judges/judge.ts';
import type { AnyJudgeSpec } from '../../judges/judgeSpecs.ts';
import type { Client } from '../../protocol/channel.ts';
import type { WorkerContract } from '../../protocol/worker.ts';
import type { SlicedJudge } from './slicedJudge.ts';

/** One call takes about this long, ms: the engine works well on many texts, and edits wait for the call that is made. */
const slice = 500;

/** Specifications whose judges the engine process runs: those with models. */
export type EngineJudgeSpec = Extract<AnyJudgeSpec, { kind: 'classifier' | 'llm' }>;

/**
 * A judge that the engine process runs. It is asked about nothing first, which tells its name, hash and threshold.
 * `client` gives the present engine. Rejects with what the engine says, or with how it died.
 */
export async function openEngineJudge(
  spec: EngineJudgeSpec,
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
    kind: spec.kind,
    name,
    hash,
    threshold,
    slice,
    judge: async (items, signal) => (await ask(items, signal)).verdicts,
  };
}
