/** Completions side by side, with a row for each prompt and a column for each arm. */
import type { CompletionRow } from '../../server/protocol/messages/runsContract.ts';
import { styleOf, type ArmStyle } from '../chart/armStyle.ts';
import { element, type Child } from '../page/dom.ts';
import { printable } from '../text/printable.ts';
import { t } from '../text/strings.ts';
import { swatch } from './swatch.ts';
import { scrolled } from './table.ts';
import { verdictChip } from './verdictChip.ts';

export interface CompletionTableOptions {
  readonly arms: readonly string[];
  readonly styles: ReadonlyMap<string, ArmStyle>;
  /** Content below the prompt of a row. */
  readonly beside?: (row: CompletionRow) => Child;
}

export function completionTable(rows: readonly CompletionRow[], options: CompletionTableOptions): HTMLElement {
  const { arms, styles } = options;
  const head = arms.map((arm) => element('th', { scope: 'col' }, swatch(styleOf(styles, arm)), printable(arm)));
  return scrolled(
    t('Completions side by side'),
    element(
      'table',
      { class: 'completions', 'aria-label': t('Completions side by side') },
      element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, t('prompt')), ...head)),
      element('tbody', {}, ...rows.map((row) => completionRow(row, options))),
    ),
  );
}

function completionRow(row: CompletionRow, { arms, beside }: CompletionTableOptions): HTMLElement {
  const cells = arms.map((arm) => {
    const found = Object.hasOwn(row.completions, arm) ? row.completions[arm] : undefined;
    if (!found) return element('td', { class: 'sub' }, t('no completion'));
    return element(
      'td',
      {},
      verdictChip(found.verdict),
      element('div', { class: 'untrusted' }, printable(found.completion)),
    );
  });
  const sample = row.sample > 0 ? element('div', { class: 'sub' }, t('sample {0}', row.sample + 1)) : undefined;
  const prompt = element('div', { class: 'untrusted' }, printable(row.prompt));
  return element('tr', {}, element('th', { scope: 'row' }, prompt, sample, beside?.(row)), ...cells);
}
