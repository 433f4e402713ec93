/** The messages of a panel: errors with what to do about them, and changes for screen readers. */
import { errorDetails, type ErrorDetails } from '../../server/protocol/errors.ts';
import { element, setText, type Child } from './dom.ts';
import { printable } from '../text/printable.ts';
import { t } from '../text/strings.ts';
import { button } from './toolkit.ts';

export interface Notices {
  readonly element: HTMLElement;
  /**
   * Shows an error until it is dismissed. A cancelled request is no error. `again` is the action of a button "Try
   * again".
   */
  readonly error: (error: unknown, again?: () => void) => void;
  /** Announces a text to a screen reader when it is idle. */
  readonly announce: (text: string) => void;
  readonly clear: () => void;
}

/** Most errors that are shown; the oldest is removed first. */
const mostErrors = 4;

export function notices(): Notices {
  const errors = element('div', { role: 'alert', class: 'errors' });
  const spoken = element('div', { role: 'status', class: 'visually-hidden' });
  return {
    element: element('div', { class: 'notices' }, errors, spoken),
    error(error, again) {
      const details = errorDetails(error);
      if (details.code === 'cancelled') return;
      const shown = errorBox(details, again);
      for (const other of [...errors.children]) if (other.textContent === shown.textContent) other.remove();
      errors.append(shown);
      while (errors.children.length > mostErrors) errors.firstElementChild?.remove();
    },
    announce: (text) => setText(spoken, text),
    clear: () => errors.replaceChildren(),
  };
}

function errorBox(details: ErrorDetails, again: (() => void) | undefined): HTMLElement {
  const box = element('div', { class: 'error' }, ...errorText(details));
  const dismissed = (then?: () => void) => () => {
    box.remove();
    then?.();
  };
  box.append(
    element(
      'div',
      { class: 'toolbar' },
      again && button(t('Try again'), dismissed(again)),
      button(t('Dismiss'), dismissed(), { label: t('Dismiss this error') }),
    ),
  );
  return box;
}

/** What was wrong, where, and what to do. */
function errorText({ what, where, remedy }: ErrorDetails): readonly Child[] {
  return [
    element('p', { class: 'what' }, element('strong', {}, t('Error: ')), printable(what)),
    where === undefined ? undefined : element('p', { class: 'where' }, t('Where: {0}', printable(where))),
    remedy === undefined ? undefined : element('p', { class: 'remedy' }, printable(remedy)),
  ];
}
