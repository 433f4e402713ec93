/** The list of all texts. Only its visible rows are built. */
import type { ReviewItem } from '../../server/protocol/messages/runsContract.ts';
import { element, setAttribute } from '../page/dom.ts';
import { oneLine } from '../text/printable.ts';
import { t } from '../text/strings.ts';
import { verdictText } from '../parts/verdictChip.ts';
import { labelText } from './labelText.ts';
import { scrollTo, visibleRows } from './visibleRows.ts';

export interface ItemList {
  readonly element: HTMLElement;
  readonly update: (items: readonly ReviewItem[], current: number) => void;
}

/** Height of a row, pixels. The style sheet repeats it. */
const rowHeight = 26;

export function itemList(choose: (index: number) => void): ItemList {
  let items: readonly ReviewItem[] = [];
  let current = 0;
  const rows = element('div', { class: 'rows', role: 'presentation' });
  const list = element(
    'div',
    { class: 'list', role: 'listbox', tabindex: 0, 'aria-label': t('Texts'), scroll: () => build() },
    rows,
  );
  const build = () => {
    const { from, to } = visibleRows(list.scrollTop, list.clientHeight || 400, rowHeight, items.length);
    rows.style.setProperty('height', `${items.length * rowHeight}px`);
    rows.replaceChildren(
      ...items.slice(from, to).map((item, i) => itemRow(item, from + i, items.length, from + i === current, choose)),
    );
    const isBuilt = current >= from && current < to;
    setAttribute(list, 'aria-activedescendant', isBuilt ? `item-${current}` : undefined);
  };
  return {
    element: list,
    update(newItems, newCurrent) {
      items = newItems;
      current = newCurrent;
      rows.style.setProperty('height', `${items.length * rowHeight}px`);
      list.scrollTop = scrollTo(current, list.scrollTop, list.clientHeight || 400, rowHeight);
      build();
    },
  };
}

function itemRow(
  item: ReviewItem,
  index: number,
  count: number,
  isCurrent: boolean,
  choose: (index: number) => void,
): HTMLElement {
  const verdict = verdictText(item.verdict);
  const row = element(
    'div',
    {
      class: 'row',
      role: 'option',
      id: `item-${index}`,
      'aria-selected': String(isCurrent),
      'aria-posinset': index + 1,
      'aria-setsize': count,
      click: () => choose(index),
    },
    element('span', { class: `label ${item.label ?? 'none'}` }, labelText(item.label)),
    element('span', { class: `verdict ${verdict.kind}` }, verdict.text),
    element('span', { class: 'text' }, oneLine(item.text, 120)),
  );
  row.style.setProperty('top', `${index * rowHeight}px`);
  return row;
}
