/** Puts values into a message of the reader's language: a panel's `t`, the extension's `vscode.l10n.t`, or `english`. */
export type Say = (message: string, ...values: (string | number)[]) => string;

/** A text of the catalogue: an English message, the key of its translations, alone or with the values of `{0}`, `{1}` ... */
export type Text = string | readonly [message: string, ...values: string[]];

/** The message as it stands: what the command line, reports and files are written in. */
export const english: Say = (message, ...values) =>
  message.replace(/\{(\d+)\}/g, (whole, index: string) => String(values[Number(index)] ?? whole));

export function sayText(text: Text, say: Say): string {
  if (typeof text === 'string') return say(text);
  const [message, ...values] = text;
  return say(message, ...values);
}
