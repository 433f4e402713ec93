import { z } from 'zod';
import { position, range } from '../../protocol/messages/editorCommands.ts';
import { RankscopeError } from '../../protocol/errors.ts';

/**
 * Schemas of the messages that the server accepts. Every message is checked on entry, since any program may be the
 * client.
 */
const textDocument = z.object({ uri: z.string().min(1) });
const version = z.int();

export const aboutDocument = z.object({ textDocument });
export const atPosition = z.object({ textDocument, position });
export const inRange = z.object({ textDocument, range });
export const pullParams = z.object({ textDocument, previousResultId: z.string().optional() });

export const openParams = z.object({
  textDocument: z.object({ uri: z.string().min(1), languageId: z.string(), version, text: z.string() }),
});

export const changeParams = z.object({
  textDocument: z.object({ uri: z.string().min(1), version }),
  contentChanges: z.array(z.union([z.object({ range, text: z.string() }), z.strictObject({ text: z.string() })])),
});

/** The folders that a client has open. A value that is no URI is left out. */
export const initializeParams = z.object({
  workspaceFolders: z
    .array(z.object({ uri: z.string() }).nullable().catch(null))
    .nullish()
    .catch(null),
  rootUri: z.string().nullish().catch(null),
});

/** The settings that a client sends with the notification of a change. */
export const changedSettingsParams = z.object({ settings: z.object({ rankscope: z.unknown() }).nullish() }).nullish();

export const watchedFilesParams = z.object({ changes: z.array(z.object({ uri: z.string() })) });
export const commandParams = z.object({ command: z.string(), arguments: z.array(z.unknown()).optional() });

/** The message as its schema describes it. Throws `usage` that says what is wrong in it. */
export function checked<Schema extends z.ZodType>(schema: Schema, value: unknown, message: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new RankscopeError({
    code: 'usage',
    what: `The message ${message} is malformed: ${z.prettifyError(result.error)}`,
    remedy: 'See docs/protocol.md.',
  });
}
