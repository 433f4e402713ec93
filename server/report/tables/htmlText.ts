/** Builds HTML that is safe by construction: every value is escaped unless `html` built it. */

const built = Symbol('html');

/** Markup that `html` has made. Nothing else counts as markup. */
export interface Html {
  readonly [built]: string;
}

type Piece = string | number | Html | readonly Html[];

/**
 * Builds markup from a template. Values are escaped, in text and in quoted attributes alike; `Html` values are
 * inserted as they are.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Piece[]): Html {
  const text = strings.reduce((all, part, i) => all + pieceText(values[i - 1]) + part);
  return { [built]: text };
}

export function htmlString(markup: Html): string {
  return markup[built];
}

/** Replaces `& < > " '` with entities. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (unit) => `&#${unit.charCodeAt(0)};`);
}

function pieceText(piece: Piece | undefined): string {
  if (piece === undefined) return '';
  if (typeof piece === 'string' || typeof piece === 'number') return escapeHtml(String(piece));
  return 'length' in piece ? piece.map(htmlString).join('') : piece[built];
}
