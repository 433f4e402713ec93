/** Conversations as data sets write them: OpenAI's messages, and ShareGPT's turns. */

import type { DatasetTurn } from './example.ts';

export type Json = Readonly<Record<string, unknown>>;

/** Keys that hold a list of messages, most usual first; `messages` may be named otherwise in the settings. */
export const CONVERSATIONS = ['messages', 'conversations', 'conversation'] as const;

/** What the assistant is called, in `role` or ShareGPT's `from`. */
const ASSISTANTS: readonly unknown[] = ['assistant', 'gpt', 'model', 'chatgpt', 'bot'];

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What the others are called. */
const OTHERS: Readonly<Record<string, 'system' | 'user'>> = {
  system: 'system',
  user: 'user',
  human: 'user',
  prompter: 'user',
};

/** The turns of a chat up to its last answer; undefined where it has none, or a turn is of another role or holds no text. */
export function chatTurns(messages: readonly unknown[]): readonly DatasetTurn[] | undefined {
  const turns = messages.slice(0, messages.findLastIndex(isAnswer) + 1).map(turnOf);
  return turns.length > 0 && turns.every((turn) => turn !== undefined) ? turns : undefined;
}

function turnOf(message: unknown): DatasetTurn | undefined {
  if (!isObject(message) || hasCalls(message)) return undefined;
  const said = message.role ?? message.from;
  const role = isAnswer(message)
    ? 'assistant'
    : typeof said === 'string' && Object.hasOwn(OTHERS, said)
      ? OTHERS[said]
      : undefined;
  const content = plainText(message);
  return role === undefined || content === undefined ? undefined : { role, content };
}

/** Whether a message calls tools, of which its text says nothing. */
const hasCalls = ({ tool_calls: calls, function_call: call }: Json): boolean =>
  (calls ?? null) !== null || (call ?? null) !== null;

/** Whether an item of a conversation is what the assistant said. */
export function isAnswer(item: unknown): item is Json {
  return isObject(item) && ASSISTANTS.includes(item.role ?? item.from);
}

/** Index of the message that is judged: the assistant's last that is no call of tools alone, else its last, else the last. */
export function answerIndex(messages: readonly unknown[]): number {
  const spoken = messages.findLastIndex((item) => isAnswer(item) && !isCallAlone(item));
  const assistant = spoken >= 0 ? spoken : messages.findLastIndex(isAnswer);
  return assistant >= 0 ? assistant : messages.length - 1;
}

/** Whether a message calls tools and says nothing. */
function isCallAlone(message: Json): boolean {
  const calls = message.tool_calls ?? message.function_call;
  return (message[contentKey(message)] ?? null) === null && typeof calls === 'object' && calls !== null;
}

/** The key of a message's (or a content part's) text. */
export function contentKey(message: Json): string {
  return ['content', 'value'].find((key) => Object.hasOwn(message, key)) ?? 'text';
}

/** Whether a list is the content parts of one message (`[{"type": "text", "text": "..."}]`) and not messages. */
export function isParts(items: readonly unknown[]): boolean {
  return (
    items.length > 0 && items.every((item) => isObject(item) && typeof item.type === 'string' && !('role' in item))
  );
}

/** Whether a content part is a text: not an image, a sound or a file. */
export function isTextPart(part: unknown): boolean {
  return isObject(part) && ['text', 'input_text', 'output_text'].includes(String(part.type));
}

/**
 * A value's text without its place: messages joined by line breaks, parts of one message as they stand; undefined where it
 * holds none, or a part that is no text.
 */
export function plainText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) {
    if (isParts(value) && !value.every(isTextPart)) return undefined;
    const parts = value.map(plainText).filter((part) => part !== undefined);
    return parts.length === 0 ? undefined : parts.join(isParts(value) ? '' : '\n');
  }
  return isObject(value) ? plainText(value[contentKey(value)]) : undefined;
}
