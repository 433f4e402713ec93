import { format, resolveConfig } from 'prettier';
import { protocolReference } from './protocolReference.ts';

/** Everything behind this line of docs/protocol.md is generated. */
export const mark = '<!-- What follows is written by scripts/writeProtocol.ts from the schemas in server/protocol. -->';

/** The document with its reference part written anew. Throws RangeError where it has no mark. */
export async function withReference(document: string, file: string): Promise<string> {
  const at = document.indexOf(mark);
  if (at < 0) throw new RangeError(`${file} has no line "${mark}"`);
  const text = `${document.slice(0, at + mark.length)}\n\n${protocolReference().text}`;
  return format(text, { ...(await resolveConfig(file)), filepath: file });
}
