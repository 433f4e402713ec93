/** Tables of texts. */
import { element, type Child } from '../page/dom.ts';
import { printable } from '../text/printable.ts';
import type { TextTable } from '../../server/measures/text/textTable.ts';

export interface TableOptions {
  /** The name of the table for a screen reader. */
  readonly label: string;
  /** Content before the name of a row, e.g. a swatch. */
  readonly sign?: (row: number) => Child;
  /** A column of buttons after the names. */
  readonly actions?: { readonly title: string; readonly of: (row: number) => Child };
}

/** A table in a box that scrolls sideways and can be focused. The first cell of each row is its heading. */
export function table(content: TextTable, options: TableOptions): HTMLElement {
  const { label, actions } = options;
  const [first = '', ...others] = content.header.map((name) => element('th', { scope: 'col' }, printable(name)));
  const acting = actions && element('th', { scope: 'col', class: 'actions' }, actions.title);
  return scrolled(
    label,
    element(
      'table',
      { class: 'numbers', 'aria-label': label },
      element('thead', {}, element('tr', {}, first, acting, ...others)),
      element('tbody', {}, ...content.rows.map((cells, row) => tableRow(cells, row, options))),
    ),
  );
}

function tableRow(cells: readonly string[], row: number, { sign, actions }: TableOptions): HTMLElement {
  const [name = '', ...others] = cells;
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, sign?.(row), printable(name)),
    actions && element('td', { class: 'actions' }, actions.of(row)),
    ...others.map((cell) => element('td', {}, printable(cell))),
  );
}

/** A box that scrolls. It can be focused, since it could not be scrolled by keys otherwise. */
export function scrolled(label: string, ...content: readonly Child[]): HTMLElement {
  return element('div', { class: 'scroll', role: 'region', 'aria-label': label, tabindex: 0 }, ...content);
}
