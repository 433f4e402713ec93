import { z } from 'zod';
import { RankscopeError } from '../../protocol/errors.ts';

/** What the server reads of each message that it takes; checked where it enters, since any program may be the client. */
const position = z.object({ line: z.int().min(0), character: z.int().min(0) });
const range = z.object({ start: position, end: position });
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

export const watchedFilesParams = z.object({ changes: z.array(z.object({ uri: z.string() })) });
export const commandParams = z.object({ command: z.string(), arguments: z.array(z.unknown()).optional() });

/** The message as its schema has it. Throws `usage` with what is wrong in it. */
export function checked<Schema extends z.ZodType>(schema: Schema, value: unknown, message: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new RankscopeError({
    code: 'usage',
    what: `The message ${message} is malformed: ${z.prettifyError(result.error)}`,
    remedy: 'See docs/protocol.md.',
  });
}
