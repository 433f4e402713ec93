/** The head of a run panel: title, progress and actions. */
import type { RunView } from '../../server/protocol/messages/runsContract.ts';
import { element, setAttribute, setText, show } from '../page/dom.ts';
import { printable } from '../text/printable.ts';
import { t } from '../text/strings.ts';
import { button } from '../page/toolkit.ts';
import { possible, progressOf, runStateText, stateSign } from './model/runText.ts';

export interface RunActions {
  readonly pause: () => void;
  readonly continue: () => void;
  readonly stopAll: () => void;
  readonly resume: () => void;
}

export interface RunHeader {
  readonly element: HTMLElement;
  readonly update: (view: RunView) => void;
}

export function runHeader(actions: RunActions): RunHeader {
  const title = element('h1');
  const state = element('span', { class: 'state' });
  const origin = element('p', { class: 'sub' });
  const progress = progressBar();
  const buttons = {
    pause: button(t('Pause'), actions.pause, { label: t('Pause the training after the step it is at') }),
    continue: button(t('Continue'), actions.continue, { look: 'primary' }),
    stop: button(t('Stop all'), actions.stopAll, { label: t('Stop the run; it can be resumed') }),
    resume: button(t('Resume'), actions.resume, {
      look: 'primary',
      label: t('Go on from the last checkpoint'),
    }),
  };
  const toolbar = element(
    'div',
    { class: 'toolbar', role: 'toolbar', 'aria-label': t('Run') },
    ...Object.values(buttons),
  );
  return {
    element: element('header', {}, title, element('p', {}, state), origin, progress.element, toolbar),
    update(view) {
      setText(title, printable(view.name));
      setText(state, `${stateSign(view.state)} ${runStateText(view.state)}`);
      setAttribute(state, 'class', `state state-${view.state}`);
      setText(origin, originText(view));
      progress.update(view);
      const can = possible(view.state);
      for (const name of ['pause', 'continue', 'stop', 'resume'] as const) show(buttons[name], can[name]);
      show(toolbar, Object.values(can).includes(true));
    },
  };
}

function originText({ model, judge, experiment, created }: RunView): string {
  const time = new Date(created);
  const said = Number.isNaN(time.getTime()) ? created : time.toLocaleString();
  return [t('model {0}', printable(model)), t('judge {0}', printable(judge)), printable(experiment), said].join(' · ');
}

function progressBar(): RunHeader {
  const text = element('p', { id: 'progress-text' });
  const done = element('div', { class: 'done' });
  const bar = element('div', { class: 'progress', role: 'progressbar', 'aria-labelledby': 'progress-text' }, done);
  const box = element('div', {}, text, bar);
  return {
    element: box,
    update(view) {
      const shown = progressOf(view);
      show(box, shown !== undefined);
      if (!shown) return;
      setText(text, printable(shown.text));
      const percent = shown.share === undefined ? undefined : Math.round(shown.share * 100);
      setAttribute(bar, 'aria-valuenow', percent);
      setAttribute(bar, 'aria-valuemin', percent === undefined ? undefined : 0);
      setAttribute(bar, 'aria-valuemax', percent === undefined ? undefined : 100);
      bar.classList.toggle('indeterminate', percent === undefined);
      done.style.setProperty('width', `${(shown.share ?? 0) * 100}%`);
    },
  };
}
