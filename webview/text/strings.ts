/**
 * The texts of panels in the editor's language. The key of a text is its English version, as in a `vscode.l10n`
 * bundle, so that a text without a translation can still be read.
 */
import { english } from '../../server/measures/text/say.ts';

let bundle: Readonly<Record<string, string>> = {};

/** Stores the translations that the extension has sent. */
export function useStrings(strings: Readonly<Record<string, string>>): void {
  bundle = strings;
}

/** The text of `message` in the editor's language, `{0}`, `{1}` ... replaced by `values`. */
export function t(message: string, ...values: readonly (string | number)[]): string {
  return english(Object.hasOwn(bundle, message) ? (bundle[message] ?? message) : message, ...values);
}
