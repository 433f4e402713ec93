/** The completions of a run, page by page. */
import type { CompletionRow } from '../../../server/protocol/messages/runsContract.ts';
import type { ArmStyle } from '../../chart/armStyle.ts';
import { runCommand } from '../../page/commands.ts';
import { completionTable } from '../../parts/completionTable.ts';
import { element, refill, setText, show, type Child } from '../../page/dom.ts';
import { oneLine } from '../../text/printable.ts';
import type { Panel } from '../../page/startPanel.ts';
import { t } from '../../text/strings.ts';
import { button, checkbox } from '../../page/toolkit.ts';

export interface CompletionsSection {
  readonly element: HTMLElement;
  /** Loads the page again if the arms have changed, or if there may be more completions. */
  readonly update: (arms: readonly string[], styles: ReadonlyMap<string, ArmStyle>, version: string) => void;
}

const pageSize = 10;

export function completionsSection(panel: Panel, run: string): CompletionsSection {
  let asked = '';
  let shown = '';
  let offset = 0;
  let flaggedOnly = false;
  let arms: readonly string[] = [];
  let styles: ReadonlyMap<string, ArmStyle> = new Map();
  const turn = (by: number) => {
    offset = Math.max(0, offset + by);
    void load();
  };
  const parts = build(turn, (checked) => {
    flaggedOnly = checked;
    offset = 0;
    void load();
  });

  const load = async () => {
    const request = { run, arms: [...arms], offset, limit: pageSize, flaggedOnly };
    const key = (asked = JSON.stringify(request));
    try {
      const { rows, total } = await panel.client.request('run.completions', request);
      if (key === asked) showPage(rows, total);
    } catch (error) {
      panel.notices.error(error, () => void load());
    }
  };
  const showPage = (rows: readonly CompletionRow[], total: number) => {
    const beside = (row: CompletionRow) => rowButtons(panel, run, arms, row);
    refill(parts.page, [rows.length > 0 ? completionTable(rows, { arms, styles, beside }) : nothing(flaggedOnly)]);
    setText(parts.range, rows.length === 0 ? '' : t('{0} to {1} of {2}', offset + 1, offset + rows.length, total));
    parts.previous.disabled = offset === 0;
    parts.next.disabled = offset + rows.length >= total;
  };
  return {
    element: parts.section,
    update(newArms, newStyles, version) {
      arms = newArms;
      styles = newStyles;
      show(parts.section, arms.length > 0);
      const key = JSON.stringify([arms, version]);
      if (key === shown || arms.length === 0) return;
      shown = key;
      void load();
    },
  };
}

function build(turn: (by: number) => void, filter: (flaggedOnly: boolean) => void) {
  const page = element('div');
  const range = element('span', { role: 'status' });
  const previous = button(t('Previous'), () => turn(-pageSize), { label: t('Previous page of completions') });
  const next = button(t('Next'), () => turn(pageSize), { label: t('Next page of completions') });
  const section = element(
    'section',
    { 'aria-labelledby': 'completions-title' },
    element('h2', { id: 'completions-title' }, t('Completions side by side')),
    element('div', { class: 'toolbar' }, checkbox(t('flagged only'), false, filter), previous, next, range),
    page,
  );
  section.hidden = true;
  return { section, page, range, previous, next };
}

function nothing(flaggedOnly: boolean): HTMLElement {
  return element(
    'p',
    { class: 'sub' },
    flaggedOnly ? t('No completion is flagged.') : t('There are no completions yet.'),
  );
}

/** Buttons of a row that open its completions in the editor: compared, or one of them as a document. */
function rowButtons(panel: Panel, run: string, arms: readonly string[], row: CompletionRow): Child {
  const [left, right] = [arms[0], arms.at(-1)];
  if (left === undefined || right === undefined || left === right) return undefined;
  const { promptIndex } = row;
  return element(
    'div',
    { class: 'toolbar' },
    button(
      t('Diff'),
      () =>
        runCommand(panel, 'rankscope.diffCompletions', {
          left: { run, arm: left },
          right: { run, arm: right },
          promptIndex,
        }),
      {
        label: t(
          'Compare the completions of {0} and {1} in the diff editor: {2}',
          left,
          right,
          oneLine(row.prompt, 60),
        ),
      },
    ),
    button(t('Try'), () => runCommand(panel, 'rankscope.tryPrompt', { run, prompt: row.prompt }), {
      label: t('Try this prompt on all ranks: {0}', oneLine(row.prompt, 60)),
    }),
  );
}
