/** One arm's heat map as a grid in which the arrow keys move. */
import { element, setAttribute } from '../page/dom.ts';
import { printable } from '../text/printable.ts';
import { t } from '../text/strings.ts';
import { heatColour } from './heatColour.ts';
import { neighbour, type HeatCell, type HeatMap, type Place } from './heatMap.ts';

export interface HeatGrid {
  readonly element: HTMLElement;
  /** Marks a place. With `takesFocus` it also moves the focus there. */
  readonly mark: (place: Place, takesFocus: boolean) => void;
}

/** `look` is called with the place under the pointer or the focus. */
export function heatGrid(map: HeatMap, look: (place: Place) => void): HeatGrid {
  const cells = new Map<string, HTMLElement>();
  let marked: Place = { layer: map.rows.length - 1, position: map.tokens.length - 1 };
  const rows = map.rows.map(({ layer, name, cells: row }) =>
    element(
      'tr',
      { role: 'row' },
      element('th', { scope: 'row', role: 'rowheader' }, name),
      ...row.map((cell, position) => {
        const place = { layer, position };
        const target = heatCellElement(cell, () => look(place));
        cells.set(keyOf(place), target);
        return target;
      }),
    ),
  );
  const grid = element(
    'table',
    { class: 'heat', role: 'grid', 'aria-label': t('Likeliest next tokens of {0}', printable(map.arm)) },
    element('thead', { role: 'rowgroup' }, headRow(map)),
    element('tbody', { role: 'rowgroup' }, ...rows),
  );
  const mark: HeatGrid['mark'] = (place, takesFocus) => {
    const before = cells.get(keyOf(marked));
    const now = cells.get(keyOf(place));
    marked = place;
    if (before) select(before, false);
    if (!now) return;
    select(now, true);
    if (takesFocus) now.focus();
  };
  grid.addEventListener('keydown', (event) => {
    const next = neighbour(marked, event.key, map.rows.length, map.tokens.length);
    if (next === marked) return;
    event.preventDefault();
    look(next);
    mark(next, true);
  });
  return { element: element('div', { class: 'scroll' }, grid), mark };
}

function headRow({ tokens }: HeatMap): HTMLElement {
  return element(
    'tr',
    { role: 'row' },
    element('th', { scope: 'col', role: 'columnheader' }, t('layer')),
    ...tokens.map((token) => element('th', { scope: 'col', role: 'columnheader' }, token)),
  );
}

function heatCellElement({ text, heat, label }: HeatCell, look: () => void): HTMLElement {
  const cell = element(
    'td',
    { role: 'gridcell', tabindex: -1, 'aria-label': label, title: label, focus: look, mouseenter: look },
    text,
  );
  const { background, text: colour } = heatColour(heat);
  cell.style.setProperty('background-color', background);
  cell.style.setProperty('color', colour);
  return cell;
}

function select(cell: HTMLElement, isSelected: boolean): void {
  setAttribute(cell, 'tabindex', isSelected ? 0 : -1);
  setAttribute(cell, 'aria-selected', String(isSelected));
}

function keyOf({ layer, position }: Place): string {
  return `${layer} ${position}`;
}
