/** Prompts and pairs as chats: one decision for all that a model is asked, trained on and scored on in a run. */
import { RankscopeError } from '../../protocol/errors.ts';
import type { ChatFraming } from '../../protocol/sweep/chatFraming.ts';
import type { ChatTurn, LearntAnswers, ModelPrompt, Pair } from '../ports/modelPort.ts';

/** How texts become chats. */
export interface Framing {
  /** Before chats that have no system text of their own. */
  readonly system?: string;
  readonly answers: LearntAnswers;
}

/**
 * What a sweep's setting comes to for a model; undefined where texts are read as they stand, as in runs that were stored
 * without the setting. Throws RankscopeError('config') where chats are demanded of a model without a template.
 */
export function resolveFraming(chat: ChatFraming | undefined, hasChatTemplate = false): Framing | undefined {
  if (!chat || chat.frame === false) return undefined;
  if (hasChatTemplate) {
    const { system, answers } = chat;
    return { ...(system !== undefined && { system }), answers };
  }
  if (chat.frame === 'auto') return undefined;
  throw new RankscopeError({
    code: 'config',
    what: 'the model has no chat template to frame prompts by',
    where: 'data.chat.frame',
    remedy: 'Set "frame": "auto" or false, or choose an instruction-tuned model.',
  });
}

/** The framing that a single request asks for; undefined where it asks for none. */
export function requestedFraming(chat: { readonly system?: string | undefined } | undefined): Framing | undefined {
  if (!chat) return undefined;
  return { ...(chat.system !== undefined && { system: chat.system }), answers: 'all' };
}

/** A prompt as a user's turn. A text without a prompt goes on from the start of a text and is no turn. */
export function framePrompt(prompt: string, framing: Framing | undefined): ModelPrompt {
  return framing && isTurn(prompt) ? withSystem([{ role: 'user', content: prompt }], framing) : prompt;
}

/**
 * A pair as a conversation, or without framing as the text that it is. Throws RankscopeError('data') for a conversation of
 * several turns that is not to be framed: no text stands for it.
 */
export function framePair(pair: Pair, framing: Framing | undefined): Pair {
  const { prompt, completion, turns, chat } = pair;
  if (chat) return pair;
  if (framing && (turns || isTurn(prompt))) {
    return { prompt, completion, chat: { turns: withSystem(turnsOf(pair), framing), answers: framing.answers } };
  }
  if (!turns || isSingle(turns)) return { prompt, completion };
  throw new RankscopeError({
    code: 'data',
    what: `a pair is a conversation of ${turns.length} messages, which a model reads by its chat template alone: ${JSON.stringify(prompt.slice(0, 60))}`,
    where: 'data.pairs',
    remedy:
      'Choose a model with a chat template and leave "data.chat.frame" at "auto", or write pairs of prompt and completion.',
  });
}

/** Whether `framePair` makes a chat of a pair. */
export function isFramed({ prompt, turns }: Pair, framing: Framing | undefined): boolean {
  return framing !== undefined && (turns !== undefined || isTurn(prompt));
}

/** All turns of a pair, whichever way it was written. */
export function turnsOf({ prompt, completion, turns }: Pair): readonly ChatTurn[] {
  return (
    turns ?? [
      { role: 'user', content: prompt },
      { role: 'assistant', content: completion },
    ]
  );
}

const isTurn = (prompt: string): boolean => prompt !== '';

const isSingle = ([first, second, ...more]: readonly ChatTurn[]): boolean =>
  first?.role === 'user' && second?.role === 'assistant' && more.length === 0;

function withSystem(turns: readonly ChatTurn[], { system }: Framing): readonly ChatTurn[] {
  const hasOwn = turns[0]?.role === 'system' || turns[0]?.role === 'developer';
  return system === undefined || hasOwn ? turns : [{ role: 'system', content: system }, ...turns];
}
