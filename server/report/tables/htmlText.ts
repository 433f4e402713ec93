/** Building HTML out of pieces that are safe by construction: every value is escaped unless it was built here. */

const built = Symbol('html');

/** Markup made by `html`; nothing else is taken as markup. */
export interface Html {
  readonly [built]: string;
}

type Piece = string | number | Html | readonly Html[];

/** A template whose values are escaped, in text and in quoted attributes alike; `Html` values go in as they are. */
export function html(strings: TemplateStringsArray, ...values: readonly Piece[]): Html {
  const text = strings.reduce((all, part, i) => all + pieceText(values[i - 1]) + part);
  return { [built]: text };
}

export function htmlString(markup: Html): string {
  return markup[built];
}

/** `& < > " '` as entities. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (unit) => `&#${unit.charCodeAt(0)};`);
}

function pieceText(piece: Piece | undefined): string {
  if (piece === undefined) return '';
  if (typeof piece === 'string' || typeof piece === 'number') return escapeHtml(String(piece));
  return 'length' in piece ? piece.map(htmlString).join('') : piece[built];
}
