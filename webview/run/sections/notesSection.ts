/** Messages beside the figures: failures, warnings and notes. */
import type { RunView } from '../../../server/protocol/messages/runsContract.ts';
import { element, show, whenChanged } from '../../page/dom.ts';
import { printable } from '../../text/printable.ts';
import { t } from '../../text/strings.ts';

export interface Note {
  readonly kind: 'failure' | 'warning' | 'note';
  readonly text: string;
}

/** Failures, then warnings, then notes, without repetition. */
export function notesOf({ failure, warnings, metrics, armMetrics, arms }: RunView): readonly Note[] {
  const failed = arms.flatMap(({ description: { id }, state, reason }) =>
    reason !== undefined && (state === 'failed' || state === 'stopped')
      ? [{ kind: state === 'failed' ? 'failure' : 'warning', text: `${id}: ${reason}` } as const]
      : [],
  );
  const unmeasured = (metrics?.arms ?? armMetrics).flatMap(({ id, failure: why }) =>
    why === undefined ? [] : [{ kind: 'failure', text: `${id}: ${why}` } as const],
  );
  const all: readonly Note[] = [
    ...(failure === undefined ? [] : [{ kind: 'failure', text: failure } as const]),
    ...failed,
    ...unmeasured,
    ...warnings.map((text) => ({ kind: 'warning', text }) as const),
    ...(metrics?.notes ?? []).map((text) => ({ kind: 'note', text }) as const),
  ];
  return [...new Map(all.map((note) => [note.text, note])).values()];
}

export interface NotesSection {
  readonly element: HTMLElement;
  readonly update: (view: RunView) => void;
}

export function notesSection(): NotesSection {
  const list = element('ul', { class: 'notes', 'aria-label': t('Notes, warnings and failures') });
  list.hidden = true;
  return {
    element: list,
    update(view) {
      const notes = notesOf(view);
      show(list, notes.length > 0);
      whenChanged(list, notes, () =>
        notes.map(({ kind, text }) =>
          element('li', { class: kind }, element('strong', {}, kindText(kind)), ' ', printable(text)),
        ),
      );
    },
  };
}

function kindText(kind: Note['kind']): string {
  switch (kind) {
    case 'failure':
      return t('Failed:');
    case 'warning':
      return t('Warning:');
    case 'note':
      return t('Note:');
  }
}
