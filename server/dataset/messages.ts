/** Conversations as data sets write them: OpenAI's messages, and ShareGPT's turns. */

export type Json = Readonly<Record<string, unknown>>;

/** Keys that hold a list of messages, most usual first; `messages` may be named otherwise in the settings. */
export const CONVERSATIONS = ['messages', 'conversations'] as const;

/** What the assistant is called, in `role` or ShareGPT's `from`. */
const ASSISTANTS: readonly unknown[] = ['assistant', 'gpt', 'model', 'chatgpt', 'bot'];

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Index of the message that is judged: the assistant's last, else the last. */
export function answerIndex(messages: readonly unknown[]): number {
  const assistant = messages.findLastIndex((item) => isObject(item) && ASSISTANTS.includes(item.role ?? item.from));
  return assistant >= 0 ? assistant : messages.length - 1;
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

/** A value's text without its place: messages joined by line breaks, parts of one message as they stand; undefined where it holds none. */
export function plainText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) {
    const parts = value.map(plainText).filter((part) => part !== undefined);
    return parts.length === 0 ? undefined : parts.join(isParts(value) ? '' : '\n');
  }
  return isObject(value) ? plainText(value[contentKey(value)]) : undefined;
}
