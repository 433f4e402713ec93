import type { EventOf, HandlerContext, Params, Result } from '../protocol/channel.ts';
import type { WorkerContract } from '../protocol/worker.ts';
import type { EngineHost } from './engineHost.ts';

/** Completes every prompt with the base and each adapter, all in one batch. */
export async function answerGenerate(
  host: EngineHost,
  { model: reference, base, adapters, prompts, options, device, threads }: Params<WorkerContract, 'generate'>,
  { emit, signal }: HandlerContext<EventOf<WorkerContract, 'generate'>>,
): Promise<Result<WorkerContract, 'generate'>> {
  const model = await host.openModel(reference, { device, threads, signal });
  try {
    for (const { arm, directory } of adapters) await model.loadAdapter(arm, directory);
    const arms = [...(base ? ['base'] : []), ...adapters.map(({ arm }) => arm)];
    const began = performance.now();
    const completions = await model.complete(arms, prompts, options, undefined, signal);
    for (const { arm, promptIndex, sample, text, tokens } of completions) {
      emit({ arm, promptIndex, sample, prompt: prompts[promptIndex] ?? '', completion: text, tokens: [...tokens] });
    }
    return {
      completions: completions.length,
      seconds: (performance.now() - began) / 1000,
      tokens: completions.reduce((sum, { tokens }) => sum + tokens.length, 0),
    };
  } finally {
    await model.dispose();
  }
}
