/**
 * Prepares text from a model, a file or a person for a page. Characters that are invisible or would reorder the
 * text around them are made visible. Line breaks and tabs stay.
 */
import { printableLines, printable as printableLine } from '../../server/measures/text/printable.ts';

export { printableLines as printable };

/** The same on one line, with visible line breaks, shortened to `limit` UTF-16 units. */
export function oneLine(text: string, limit = 300): string {
  return printableLine(text.length > limit ? `${text.slice(0, limit)}…` : text);
}
