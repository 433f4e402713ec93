import { copy } from '../page/commands.ts';
import { element } from '../page/dom.ts';
import type { Panel } from '../page/startPanel.ts';
import { t } from '../text/strings.ts';
import { markdownTable } from '../../server/measures/text/markdown.ts';
import type { TextTable } from '../../server/measures/text/textTable.ts';
import { button } from '../page/toolkit.ts';

/** A bar with a button that copies a table. `name` distinguishes it from the buttons of other tables on the page. */
export function copyTableBar(panel: Panel, content: TextTable, name?: string): HTMLElement {
  const copied = () => copy(panel, markdownTable(content), t('The table was copied'));
  const options = name === undefined ? {} : { label: t('Copy as Markdown table: {0}', name) };
  return element('div', { class: 'toolbar' }, button(t('Copy as Markdown table'), copied, options));
}
