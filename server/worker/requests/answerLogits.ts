import type { EventOf, HandlerContext, Params, Result } from '../../protocol/messages/channel.ts';
import type { WorkerContract } from '../../protocol/messages/worker.ts';
import { assertSameBase } from '../../runs/recordedHashes.ts';
import type { EngineHost } from '../host/engineHost.ts';

/** Logits after each text, with the base or one adapter. */
export async function answerLogits(
  host: EngineHost,
  { model: reference, adapter, texts, device, threads }: Params<WorkerContract, 'logits'>,
  { emit, signal }: HandlerContext<EventOf<WorkerContract, 'logits'>>,
): Promise<Result<WorkerContract, 'logits'>> {
  const model = await host.openModel(reference, { device, threads, signal });
  try {
    if (adapter !== undefined) {
      await assertSameBase(adapter, reference, model);
      await model.loadAdapter('adapter', adapter);
    }
    for (const [textIndex, text] of texts.entries()) {
      signal.throwIfAborted();
      const { ids, top1, logits } = await model.logits(adapter === undefined ? 'base' : 'adapter', text);
      emit({ textIndex, ids: [...ids], top1: [...top1], logits: Float32Array.from(logits) });
    }
    return { texts: texts.length };
  } finally {
    await model.dispose();
  }
}
