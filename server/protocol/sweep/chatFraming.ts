/** How a sweep file says that prompts and pairs are put to a model as chats. */
import { z } from 'zod';

export const chatFraming = z
  .strictObject({
    frame: z
      .union([z.literal('auto'), z.boolean()])
      .default('auto')
      .describe(
        "Whether each prompt is put as a user's turn in the model's own chat template, and each pair as a turn with its answer. " +
          'auto: where the model has a template. A run stores what it came to.',
      ),
    system: z.string().min(1).exactOptional().describe('System text before chats that have none of their own.'),
    answers: z
      .enum(['all', 'last'])
      .default('all')
      .describe('Which answers of a conversation are learnt: each of the assistant, or the last alone.'),
  })
  .describe('Chats, for instruction-tuned models. A run that was stored without this block had plain prompts.');

export type ChatFraming = z.output<typeof chatFraming>;

/** A request to put a prompt as a user's turn, as a run did. */
export const chatRequest = z
  .object({ system: z.string().optional().describe('System text before it.') })
  .describe("Puts prompts as user turns in the model's own chat template, which it must have.");

/** What a run's stored sweep says of it; undefined where its prompts were plain texts. */
export function storedFraming({ data }: { readonly data: object }): z.output<typeof chatRequest> | undefined {
  const stored = 'chat' in data ? chatFraming.safeParse(data.chat).data : undefined;
  if (stored?.frame !== true) return undefined;
  return stored.system === undefined ? {} : { system: stored.system };
}
