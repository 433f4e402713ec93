/** The verdict on top of a run that has finished; nothing while it goes on, since a look at a live verdict is a look. */
import type { RunView } from '../../../server/protocol/messages/runsContract.ts';
import { element, show, whenChanged } from '../../page/dom.ts';
import { verdictCard } from '../../parts/verdictCard.ts';

export interface VerdictSection {
  readonly element: HTMLElement;
  readonly update: (view: RunView) => void;
}

export function verdictSection(): VerdictSection {
  const place = element('div', { class: 'verdict-place' });
  place.hidden = true;
  return {
    element: place,
    update({ metrics }) {
      const verdict = metrics?.verdict;
      show(place, verdict !== undefined);
      whenChanged(place, verdict, () => (verdict ? [verdictCard(verdict)] : []));
    },
  };
}
