import { Template } from '@huggingface/jinja';
import { withinTime } from '../../files/boundedTime.ts';
import { RankscopeError } from '../../protocol/errors.ts';

export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

/** Numbers that a template may count to at a time: they are all in memory. */
const LARGEST_RANGE = 100_000;

/** Jinja's `range`, bounded. */
function range(first: number, end?: number, step = 1): readonly number[] {
  const [from, to] = end === undefined ? [0, first] : [first, end];
  const count = Math.max(0, Math.ceil((to - from) / step));
  if (!(count <= LARGEST_RANGE)) throw new RangeError(`range() of more than ${LARGEST_RANGE} numbers`);
  return Array.from({ length: count }, (_, i) => from + i * step);
}

/** The template with `range` replaced where it has one. The line end after a block is dropped, so one at the start is doubled. */
function bounded(template: string): string {
  if (!template.includes('range')) return template;
  return `{% set range = bounded_range %}${template.startsWith('\n') ? '\n' : ''}${template}`;
}

/** Renders `messages` by the Jinja source `template`; `variables` are what templates expect beside them. What a
 * template does is bounded: one that loops on and on ends with an error. */
export function applyChatTemplate(
  template: string | undefined,
  messages: readonly ChatMessage[],
  variables: Readonly<Record<string, unknown>>,
): string {
  if (template === undefined) {
    throw new RankscopeError({
      code: 'tokenizer',
      what: 'the model has no chat template.',
      remedy: 'Give prompt and completion texts, or choose an instruction-tuned model.',
    });
  }
  try {
    return withinTime(() => new Template(bounded(template)).render({ messages, bounded_range: range, ...variables }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RankscopeError(
      {
        code: 'tokenizer',
        what: `the chat template failed (${reason}).`,
        where: 'chat_template',
        remedy: 'Check the roles and their order: templates may refuse some.',
      },
      { cause: error },
    );
  }
}
