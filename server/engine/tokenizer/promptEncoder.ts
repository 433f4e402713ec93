import { RankscopeError } from '../../protocol/errors.ts';
import { ChatEncoder, type EncodedChat, type LearntAnswers } from './chatEncoder.ts';
import type { ChatMessage } from './chatTemplate.ts';
import { tokenBoundary } from './tokenBoundary.ts';
import type { Tokenizer } from './tokenizer.ts';

/** What a model reads: its bounds, and where its texts end. */
export interface EncoderBounds {
  /** Rows of the embedding: token ids from there on have no meaning to the model. */
  readonly vocabularySize: number;
  /** Longest sequence. */
  readonly maxPositions: number;
  /** The token that `appendEos` puts behind a completion. */
  readonly endToken: number | undefined;
}

/** A prompt with its completion, divided where the completion begins, in tokens. */
export interface EncodedPair {
  readonly prompt: readonly number[];
  readonly completion: readonly number[];
  /** Whether the completion begins inside a token, which then counts as the completion's first. */
  readonly beginsInside: boolean;
}

/**
 * Turns texts into what one model reads. A prompt and its completion are tokenised as the one text that they are and
 * divided where the completion begins, since a tokenizer may spell the completion alone otherwise.
 */
export class PromptEncoder {
  private readonly tokenizer: Tokenizer;
  private readonly bounds: EncoderBounds;
  private readonly chats: ChatEncoder;
  /** What the tokenizer puts before a text. */
  private readonly before: readonly number[];

  constructor(tokenizer: Tokenizer, bounds: EncoderBounds) {
    this.tokenizer = tokenizer;
    this.bounds = bounds;
    this.chats = new ChatEncoder(tokenizer);
    const around = tokenizer.encode('', { addSpecialTokens: true });
    const example = tokenizer.encode('a', { addSpecialTokens: true });
    const differs = around.findIndex((id, i) => id !== example[i]);
    this.before = differs < 0 ? around : around.slice(0, differs);
  }

  /**
   * Token ids of a prompt with what the tokenizer puts around a text, but never a second token of the start where the
   * text brings one. An empty prompt is the start token alone. Of the turns of a chat, the tokens of ChatEncoder.prompt.
   * Throws RankscopeError('data') when it is longer than the model's positions with `newTokens` after it, or has a token
   * that the model does not know.
   */
  prompt(asked: string | readonly ChatMessage[], newTokens = 0): readonly number[] {
    const isText = typeof asked === 'string';
    const text = isText ? asked : (asked.at(-1)?.content ?? '');
    const sequence = isText
      ? this.started(this.tokenizer.encode(asked, { addSpecialTokens: true }))
      : this.chats.prompt(asked);
    const { maxPositions } = this.bounds;
    if (sequence.length === 0) {
      throw new RankscopeError({
        code: 'data',
        what: 'A prompt is empty and the model has no start token.',
        remedy: 'Leave it out, or give it a text.',
      });
    }
    this.checkIds(sequence, text);
    // The last new token is read by nobody.
    if (sequence.length + Math.max(0, newTokens - 1) <= maxPositions) return sequence;
    const more = newTokens > 0 ? ` and ${newTokens} new tokens are asked for` : '';
    throw new RankscopeError({
      code: 'data',
      what: `A prompt has ${sequence.length} tokens${more}; the model reads ${maxPositions}: ${shown(text)}.`,
      remedy:
        sequence.length > maxPositions
          ? 'Shorten it or leave it out.'
          : `Ask for at most ${maxPositions - sequence.length + 1} new tokens (maxNewTokens), or shorten or leave out the prompt.`,
    });
  }

  /**
   * A pair in tokens, which together are those of the one text. Throws RankscopeError('data') for a token that the model
   * does not know; ('config') where `appendEos` is asked of a model without a token of the end.
   */
  pair(
    { prompt, completion }: { readonly prompt: string; readonly completion: string },
    appendEos: boolean,
  ): EncodedPair {
    const ids = this.tokenizer.encode(prompt + completion);
    const { at, isInside: beginsInside } = tokenBoundary(this.tokenizer, ids, prompt);
    const context = this.started([...this.before, ...ids.slice(0, at)]);
    const answer = [...ids.slice(at), ...(appendEos ? [this.endToken()] : [])];
    this.checkIds([...context, ...answer], prompt + completion);
    return { prompt: context, completion: answer, beginsInside };
  }

  /** A conversation by the model's chat template: see ChatEncoder. Throws RankscopeError('data') as `pair` does. */
  conversation(turns: readonly ChatMessage[], learnt: LearntAnswers): EncodedChat {
    const chat = this.chats.conversation(turns, learnt);
    this.checkIds(chat.ids, turns.at(-1)?.content ?? '');
    return chat;
  }

  /** See ChatEncoder. */
  get turnEnd(): number | undefined {
    return this.chats.turnEnd;
  }

  /** Throws RankscopeError('config') where the model has no token of the end. */
  endToken(): number {
    const { endToken } = this.bounds;
    if (endToken !== undefined) return endToken;
    throw new RankscopeError({
      code: 'config',
      where: 'appendEos',
      what: 'The model names no end-of-text token (tokenizer_config.json, generation_config.json, config.json).',
      remedy: 'Set "appendEos": false, or name the token as "eos_token" in tokenizer_config.json.',
    });
  }

  private started(ids: readonly number[]): readonly number[] {
    const { bosId, eosId } = this.tokenizer;
    if (bosId !== undefined && this.before.includes(bosId) && ids[0] === bosId && ids[1] === bosId) return ids.slice(1);
    const start = bosId ?? eosId;
    return ids.length > 0 || start === undefined ? ids : [start];
  }

  private checkIds(ids: readonly number[], text: string): void {
    const { vocabularySize } = this.bounds;
    const beyond = ids.find((id) => id >= vocabularySize);
    if (beyond === undefined) return;
    const token = JSON.stringify(this.tokenizer.tokenText(beyond) ?? '');
    throw new RankscopeError({
      code: 'data',
      what: `Token ${beyond} (${token}) is beyond the ${vocabularySize} rows of the model's embedding: ${shown(text)}.`,
      remedy: 'Use the tokenizer that was made for this model, or leave the token out of the text.',
    });
  }
}

const shown = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);
