/**
 * Text that a model, a file or a person brought in: it always goes into the page as text, with what would be invisible or
 * reorder its surroundings made visible. Line breaks and tabs stay.
 */
import { printableLines, printable as printableLine } from '../../server/measures/text/printable.ts';

export { printableLines as printable };

/** The same in one line, line breaks shown as a sign, at most `limit` UTF-16 units of it. */
export function oneLine(text: string, limit = 300): string {
  return printableLine(text.length > limit ? `${text.slice(0, limit)}…` : text);
}
