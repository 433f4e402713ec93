/** Completions that come one after the other. */
import type { EventOf, HandlerContext, Params, Result } from '../../server/protocol/messages/channel.ts';
import { RankscopeError } from '../../server/protocol/errors.ts';
import type { PanelContract } from '../../server/protocol/messages/panelContract.ts';
import { moved } from './sampleArms.ts';
import { completion } from './sampleResults.ts';

/** `pause`: milliseconds from one completion to the next. */
export async function samplePrompt(
  { arms, samples }: Params<PanelContract, 'tryPrompt'>,
  { emit, signal }: HandlerContext<EventOf<PanelContract, 'tryPrompt'>>,
  pause: number,
): Promise<Result<PanelContract, 'tryPrompt'>> {
  for (let sample = 0; sample < samples; sample++) {
    for (const [i, arm] of arms.entries()) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (signal.aborted) throw new RankscopeError({ code: 'cancelled', what: 'the question was cancelled' });
      const { completion: text, verdict } = completion(sample * 4 + i, moved(arm));
      emit({ arm, sample, completion: text, verdict });
    }
  }
  return { seconds: 3.2, tokens: arms.length * samples * 40 };
}
