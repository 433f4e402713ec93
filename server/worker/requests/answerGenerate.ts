import type { EventOf, HandlerContext, Params, Result } from '../../protocol/messages/channel.ts';
import type { Completion } from '../../experiments/ports/modelPort.ts';
import type { WorkerContract } from '../../protocol/messages/worker.ts';
import { framedModel } from '../../experiments/data/framedModel.ts';
import { requestedFraming } from '../../experiments/data/framing.ts';
import { SoundArms } from '../../experiments/sweep/soundArms.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { ModelKeeper } from './modelKeeper.ts';

/**
 * Completes every prompt with the base and each adapter, all in one batch. Throws RankscopeError('diverged') for an
 * arm whose numbers are not finite, after the completions of the other arms have been emitted.
 */
export async function answerGenerate(
  models: ModelKeeper,
  {
    model: reference,
    base,
    adapters,
    prompts,
    chat,
    options,
    keep = false,
    partial = false,
    ...where
  }: Params<WorkerContract, 'generate'>,
  { emit, signal }: HandlerContext<EventOf<WorkerContract, 'generate'>>,
): Promise<Result<WorkerContract, 'generate'>> {
  return models.with({ model: reference, keep, signal, ...where }, async ({ model, arm: load }) => {
    const arms = base ? [{ arm: 'base', name: 'base' }] : [];
    for (const { arm, directory } of adapters) arms.push({ arm, name: await load(directory) });
    const framed = framedModel(model, requestedFraming(chat));
    const began = performance.now();
    const names = [...new Set(arms.map(({ name }) => name))];
    const tell = (some: readonly Completion[], extra: { readonly partial?: boolean } = {}): void => {
      for (const { arm, name } of arms) {
        for (const { promptIndex, sample, text, tokens } of some.filter((one) => one.arm === name)) {
          const prompt = prompts[promptIndex] ?? '';
          emit({ arm, promptIndex, sample, prompt, completion: text, tokens: [...tokens], ...extra });
        }
      }
    };
    const onGrowth = (growing: readonly Completion[]): void => tell(growing, { partial: true });
    const sampling = partial ? { ...options, onGrowth } : options;
    const sound = new SoundArms(names);
    const completions = await sound.compute((own) => framed.complete(own, prompts, sampling, undefined, signal));
    tell(completions);
    for (const [name, reason] of sound.failures) {
      const asked = arms.find((own) => own.name === name);
      throw new RankscopeError({ ...reason, where: `arm ${asked?.arm ?? name}` });
    }
    return {
      completions: completions.length,
      seconds: (performance.now() - began) / 1000,
      tokens: completions.reduce((sum, { tokens }) => sum + tokens.length, 0),
    };
  });
}
