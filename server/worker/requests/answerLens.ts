import { framedModel } from '../../experiments/data/framedModel.ts';
import { requestedFraming } from '../../experiments/data/framing.ts';
import type { HandlerContext, Params, Result } from '../../protocol/messages/channel.ts';
import type { WorkerContract } from '../../protocol/messages/worker.ts';
import { assertSameBase } from '../../runs/recordedHashes.ts';
import type { EngineHost } from '../host/engineHost.ts';

/** The logit lens of one prompt with the base and each adapter. */
export async function answerLens(
  host: EngineHost,
  { model: reference, base, adapters, prompt, chat, device, threads }: Params<WorkerContract, 'lens'>,
  { signal }: Pick<HandlerContext<never>, 'signal'>,
): Promise<Result<WorkerContract, 'lens'>> {
  const model = await host.openModel(reference, { device, threads, signal });
  try {
    for (const { arm, directory } of adapters) {
      await assertSameBase(directory, reference, model);
      await model.loadAdapter(arm, directory);
    }
    const arms = [...(base ? ['base'] : []), ...adapters.map(({ arm }) => arm)];
    return structuredClone(await framedModel(model, requestedFraming(chat)).lens(arms, prompt, signal));
  } finally {
    await model.dispose();
  }
}
