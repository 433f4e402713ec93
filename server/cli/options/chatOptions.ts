/** Prompts as user turns, for commands that put them to a model. */
import type { Values } from './command.ts';
import { isSet, textOf } from './values.ts';

export const chatOptions = { chat: { type: 'boolean' }, system: { type: 'string' } } as const;

export const chatHelp: readonly (readonly [string, string])[] = [
  ['--chat', "put each prompt as a user's turn in the model's own chat template"],
  ['--system TEXT', 'the same, with a system text before it'],
];

/** Absent where prompts are plain texts. */
export function chatOf(values: Values): { readonly chat?: { readonly system?: string } } {
  const system = textOf(values, 'system');
  if (system !== undefined) return { chat: { system } };
  return isSet(values, 'chat') ? { chat: {} } : {};
}
