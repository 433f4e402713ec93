/**
 * For a finished run: each arm's distance from the base against what it has learned, and the learning rates that
 * were tried.
 */
import { keptFigures, learningChart } from '../../../server/measures/charts/learningCharts.ts';
import { sayText } from '../../../server/measures/text/say.ts';
import type { Learning } from '../../../server/protocol/run/learning.ts';
import type { RunView } from '../../../server/protocol/messages/runsContract.ts';
import { chartFigure } from '../../parts/chartFigure.ts';
import { table } from '../../parts/table.ts';
import { element, show, whenChanged } from '../../page/dom.ts';
import type { Panel } from '../../page/startPanel.ts';
import { printable } from '../../text/printable.ts';
import { t } from '../../text/strings.ts';
import type { Drawn } from '../model/runCharts.ts';
import { measuredArms } from '../model/runModel.ts';

export interface LearningSection {
  readonly element: HTMLElement;
  readonly update: (view: RunView, drawn: Drawn) => void;
}

export function learningSection(panel: Panel, run: string): LearningSection {
  const figures = keptFigures.map((kept) => ({ kept, figure: chartFigure(panel, sayText(kept.title, t)) }));
  const words = element('div');
  const compared = element(
    'section',
    { 'aria-labelledby': 'learning-title' },
    element('h2', { id: 'learning-title' }, t('Rank, or distance?')),
    words,
    element('div', { class: 'charts' }, ...figures.map(({ figure }) => figure.element)),
  );
  const trials = element('div');
  const tuned = element(
    'section',
    { 'aria-labelledby': 'trials-title' },
    element('h2', { id: 'trials-title' }, t('Learning rates that were tried')),
    trials,
  );
  compared.hidden = true;
  tuned.hidden = true;
  const learning = finishedLearning(panel, run);
  const update: LearningSection['update'] = (view, drawn) => {
    const found = learning(view, () => update(view, drawn));
    if (!found) return;
    show(compared, found.curves.length > 0);
    show(tuned, found.trials.rows.length > 0);
    whenChanged(words, found, () => wordsOf(found));
    whenChanged(trials, found.trials, () => [table(found.trials, { label: t('Learning rates that were tried') })]);
    const shown = found.curves.filter(({ arm }) => drawn.isShown(arm));
    for (const { kept, figure } of figures) figure.show(() => learningChart(kept, shown, drawn.styles, t));
  };
  return { element: element('div', {}, compared, tuned), update };
}

function wordsOf({ said, equalLoss }: Learning): readonly HTMLElement[] {
  const list = element('ul', {}, ...said.map((line) => element('li', {}, printable(line))));
  const label = t('At the least held-out loss that all arms reached:');
  const atEqualLoss = [element('p', {}, label), table(equalLoss, { label })];
  return [...(said.length > 0 ? [list] : []), ...(equalLoss.rows.length > 0 ? atEqualLoss : [])];
}

/** Requests the learning curves once, when the run has finished. */
function finishedLearning(panel: Panel, run: string) {
  let asked: Promise<void> | undefined;
  let found: Learning | undefined;
  return (view: RunView, again: () => void): Learning | undefined => {
    if (view.state !== 'finished' || !measuredArms(view).some(({ toxicity }) => toxicity)) return undefined;
    asked ??= panel.client
      .request('run.learning', { run })
      .then((learning) => {
        found = learning;
        again();
      })
      .catch(panel.notices.error);
    return found;
  };
}
