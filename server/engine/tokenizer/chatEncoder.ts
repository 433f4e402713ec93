import { RankscopeError } from '../../protocol/errors.ts';
import type { ChatMessage, RenderedChat } from './chatTemplate.ts';
import { commonTokens, tokenBoundary } from './tokenBoundary.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Which turns of the assistant are learnt: each of them, or the last alone. */
export type LearntAnswers = 'all' | 'last';

/** A conversation in tokens. */
export interface EncodedChat {
  readonly ids: readonly number[];
  /** Of each token, whether it is the assistant's and is to be learnt. */
  readonly isLabel: readonly boolean[];
  /**
   * Answers that do not begin where the opening of an answer ends: the template opens one otherwise than it writes it, or
   * a token reaches over the place.
   */
  readonly shiftedAnswers: number;
}

/** A stretch of tokens, its end exclusive. */
interface TokenStretch {
  readonly start: number;
  readonly end: number;
  readonly isShifted?: boolean;
}

const isAnswer = ({ role }: ChatMessage): boolean => role === 'assistant';

/**
 * Turns chats into the tokens that the model was trained on: the text of its template, to which the tokenizer adds
 * nothing, as in Transformers' `apply_chat_template`. So a start token is there once or not at all, as the template has it.
 */
export class ChatEncoder {
  private readonly tokenizer: Tokenizer;

  constructor(tokenizer: Tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** Tokens of the turns with the opening of an answer. Throws RankscopeError('tokenizer') where the template refuses them. */
  prompt(turns: readonly ChatMessage[]): readonly number[] {
    return this.tokenizer.encode(this.tokenizer.renderChat(turns, { addGenerationPrompt: true }).text);
  }

  /**
   * Tokens of a whole conversation with their labels: where the template marks what the assistant says, what it marks, as
   * Transformers' `return_assistant_tokens_mask`; else of each answer what differs from the opening that the turns before
   * it are given, as TRL's mask of a completion, the end of the turn included. Throws RankscopeError('data') where there is
   * no answer, or the template writes one otherwise once there are turns behind it; ('tokenizer') where it refuses the turns.
   */
  conversation(turns: readonly ChatMessage[], learnt: LearntAnswers): EncodedChat {
    const rendered = this.tokenizer.renderChat(turns);
    const ids = this.tokenizer.encode(rendered.text);
    const stretches = this.tokenizer.chatTemplate?.marksAnswers
      ? this.markedAnswers(turns, rendered, ids, learnt)
      : this.writtenAnswers(turns, rendered.text, ids, learnt);
    const isLabel = ids.map((_, i) => stretches.some(({ start, end }) => i >= start && i < end));
    if (isLabel.includes(true)) {
      return { ids, isLabel, shiftedAnswers: stretches.filter(({ isShifted }) => isShifted).length };
    }
    throw new RankscopeError({
      code: 'data',
      what: `a conversation has no answer of the assistant to learn from: ${shown(turns.at(-1))}`,
      remedy: 'Give every conversation a message of the role "assistant" with a text.',
    });
  }

  /** The special token that the template ends an answer with; undefined where there is none. */
  get turnEnd(): number | undefined {
    if (!this.tokenizer.chatTemplate) return undefined;
    const turns = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
    ];
    try {
      const { text } = this.tokenizer.renderChat(turns);
      const behind = this.tokenizer.encode(text.slice(text.lastIndexOf('b') + 1));
      return behind.find((id) => this.tokenizer.isSpecial(id));
    } catch {
      // A template that refuses such a chat will say so where it is used.
      return undefined;
    }
  }

  private markedAnswers(
    turns: readonly ChatMessage[],
    { text, generated }: RenderedChat,
    ids: readonly number[],
    learnt: LearntAnswers,
  ): readonly TokenStretch[] {
    const last = learnt === 'all' ? 0 : turns.findLastIndex(isAnswer);
    const from = last <= 0 ? 0 : commonTokens(this.prompt(turns.slice(0, last)), ids);
    return generated.flatMap(({ start, end }) => {
      const stretch = { start: this.tokenAt(ids, text, start), end: this.tokenBehind(ids, text, end) };
      return stretch.end <= from ? [] : [{ ...stretch, start: Math.max(from, stretch.start) }];
    });
  }

  /** The token that holds the character at `place`: it may have begun before, or have taken white space behind it. */
  private tokenAt(ids: readonly number[], text: string, place: number): number {
    const { at, isInside } = tokenBoundary(this.tokenizer, ids, text.slice(0, place));
    if (isInside || place >= text.length) return at;
    const further = this.tokenizer.encode(text.slice(0, place + 1));
    return further.length === at && commonTokens(further, ids) === at ? at - 1 : at;
  }

  private tokenBehind(ids: readonly number[], text: string, place: number): number {
    const { at, isInside } = tokenBoundary(this.tokenizer, ids, text.slice(0, place));
    return isInside ? at + 1 : at;
  }

  private writtenAnswers(
    turns: readonly ChatMessage[],
    text: string,
    ids: readonly number[],
    learnt: LearntAnswers,
  ): readonly TokenStretch[] {
    const last = turns.findLastIndex(isAnswer);
    const answers = turns.flatMap((turn, i) => (isAnswer(turn) && (learnt === 'all' || i === last) ? [i] : []));
    return answers.map((i) => {
      const opening = this.tokenizer.renderChat(turns.slice(0, i), { addGenerationPrompt: true }).text;
      const opened = this.tokenizer.encode(opening);
      const start = commonTokens(opened, ids);
      const isShifted = start < opened.length;
      if (i === turns.length - 1) return { start, end: ids.length, isShifted };
      const until = this.tokenizer.renderChat(turns.slice(0, i + 1)).text;
      assertUnchanged(turns[i], { whole: text, until, opening });
      return { start, end: commonTokens(this.tokenizer.encode(until), ids), isShifted };
    });
  }
}

interface Renderings {
  readonly whole: string;
  /** The conversation up to the answer, the answer included. */
  readonly until: string;
  /** The same with the opening of the answer in place of the answer. */
  readonly opening: string;
}

/** Throws where a template writes an answer otherwise once there are turns behind it, as those do that drop its reasoning. */
function assertUnchanged(turn: ChatMessage | undefined, { whole, until, opening }: Renderings): void {
  const answer = turn?.content.trim() ?? '';
  const differs = Array.from({ length: opening.length }, (_, k) => k).find((k) => opening[k] !== until[k]);
  const begin = until.indexOf(answer, differs ?? opening.length);
  if (begin >= 0 && whole.startsWith(until.slice(0, begin + answer.length))) return;
  throw new RankscopeError({
    code: 'data',
    what: `the chat template writes an answer otherwise once there are turns behind it: ${shown(turn)}`,
    where: 'data.chat.answers',
    remedy: 'Learn the last answers alone ("answers": "last"), or give one conversation an answer.',
  });
}

const shown = (turn: ChatMessage | undefined): string =>
  JSON.stringify((turn?.content ?? '').length > 60 ? `${turn?.content.slice(0, 60) ?? ''}...` : (turn?.content ?? ''));
