/**
 * What panels say, in the editor's language. The key of a string is its English text, as in a `vscode.l10n` bundle, so
 * that a string without a translation still reads.
 */
import { english } from '../../server/measures/text/say.ts';

let bundle: Readonly<Record<string, string>> = {};

/** Takes over the strings that the extension sent. */
export function useStrings(strings: Readonly<Record<string, string>>): void {
  bundle = strings;
}

/** The text of `message` in the editor's language, `{0}`, `{1}` ... replaced by `values`. */
export function t(message: string, ...values: readonly (string | number)[]): string {
  return english(Object.hasOwn(bundle, message) ? (bundle[message] ?? message) : message, ...values);
}
