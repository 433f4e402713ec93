/**
 * The verdict at the top of a finished run. It is hidden before, since looking at interim results would raise the
 * error rate of the verdict.
 */
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
