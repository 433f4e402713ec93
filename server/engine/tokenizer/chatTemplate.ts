import { Template } from '@huggingface/jinja';
import { RankscopeError } from '../../protocol/errors.ts';

export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

/** Renders `messages` by the Jinja source `template`; `variables` are what templates expect beside them. */
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
    return new Template(template).render({ messages, ...variables });
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
