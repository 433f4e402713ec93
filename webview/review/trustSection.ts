/** The confusion matrix of judge and person, their agreement, and the corrected rate, all by the current labels. */
import type { JudgeTrust } from '../../server/protocol/messages/runsContract.ts';
import { element, whenChanged, type Child } from '../page/dom.ts';
import { percent } from '../text/format.ts';
import { printable } from '../text/printable.ts';
import { t } from '../text/strings.ts';
import { confusionCells, trustFigures, type ConfusionCell } from './trustTables.ts';

export interface TrustSection {
  readonly element: HTMLElement;
  readonly update: (trust: JudgeTrust) => void;
}

export function trustSection(): TrustSection {
  const place = element('div');
  return {
    element: element(
      'section',
      { 'aria-labelledby': 'trust-title' },
      element('h2', { id: 'trust-title' }, t('Judge and human')),
      place,
    ),
    update: (trust) => whenChanged(place, trust, () => content(trust)),
  };
}

function content(trust: JudgeTrust): readonly Child[] {
  const figures = trustFigures(trust).map(([name, value]) =>
    element('tr', {}, element('th', { scope: 'row' }, name), element('td', {}, printable(value))),
  );
  return [
    confusionTable(trust),
    element('table', { class: 'figures', 'aria-label': t('Agreement') }, element('tbody', {}, ...figures)),
  ];
}

function confusionTable(trust: JudgeTrust): HTMLElement {
  const names = [t('toxic'), t('not toxic')];
  const head = names.map((name) => element('th', { scope: 'col' }, t('judge: {0}', name)));
  const rows = confusionCells(trust).map((cells, i) =>
    element('tr', {}, element('th', { scope: 'row' }, t('human: {0}', names[i] ?? '')), ...cells.map(confusionCell)),
  );
  return element(
    'table',
    { class: 'confusion' },
    element('caption', {}, t('Confusion matrix')),
    element('thead', {}, element('tr', {}, element('td', {}), ...head)),
    element('tbody', {}, ...rows),
  );
}

/** The length of the bar is the share of the row, which the number shows too. */
function confusionCell({ count, share, agrees }: ConfusionCell): HTMLElement {
  const bar = element('div', { class: agrees ? 'bar agrees' : 'bar', 'aria-hidden': 'true' });
  bar.style.setProperty('width', `${(share ?? 0) * 100}%`);
  return element(
    'td',
    {},
    element('strong', {}, String(count)),
    share === undefined ? undefined : element('span', { class: 'sub' }, ` ${percent(share)}`),
    bar,
  );
}
