/** The arms of a run: symbol, progress, a checkbox that shows or hides each in charts, and a button that stops it. */
import type { RunView } from '../../server/protocol/messages/runsContract.ts';
import { styleOf, type ArmStyle } from '../chart/armStyle.ts';
import { element, setText, show } from '../page/dom.ts';
import { decimal } from '../text/format.ts';
import { printable } from '../text/printable.ts';
import { t } from '../text/strings.ts';
import { swatch } from '../parts/swatch.ts';
import { scrolled } from '../parts/table.ts';
import { button, checkbox } from '../page/toolkit.ts';
import { armStateText, canStopArm, stateSign } from './model/runText.ts';

export interface ArmActions {
  readonly stop: (arm: string) => void;
  /** Shows or hides the arm in all charts. */
  readonly toggle: (arm: string, isShown: boolean) => void;
}

export interface ArmList {
  readonly element: HTMLElement;
  readonly update: (view: RunView, styles: ReadonlyMap<string, ArmStyle>) => void;
}

type Arm = RunView['arms'][number];

interface Row {
  readonly element: HTMLElement;
  readonly update: (arm: Arm, view: RunView) => void;
}

export function armList(actions: ArmActions): ArmList {
  const rows = new Map<string, Row>();
  const body = element('tbody');
  const head = [t('shown'), t('arm'), t('how'), t('state'), t('step'), t('stop')];
  const table = element(
    'table',
    { class: 'arms', 'aria-label': t('Arms') },
    element('thead', {}, element('tr', {}, ...head.map((name) => element('th', { scope: 'col' }, name)))),
    body,
  );
  return {
    element: scrolled(t('Arms'), table),
    update(view, styles) {
      for (const arm of view.arms) {
        const { id } = arm.description;
        const row = rows.get(id) ?? armRow(arm, styleOf(styles, id), actions);
        if (!rows.has(id)) {
          rows.set(id, row);
          body.append(row.element);
        }
        row.update(arm, view);
      }
    },
  };
}

function armRow({ description }: Arm, style: ArmStyle, actions: ArmActions): Row {
  const { id } = description;
  const name = printable(id);
  const state = element('span');
  const reason = element('span', { class: 'sub' });
  const step = element('td');
  const stop = button(t('Stop'), () => actions.stop(id), { label: t('Stop the arm {0}', name) });
  const toggle = (isShown: boolean) => actions.toggle(id, isShown);
  const shown = checkbox(t('Show {0} in the charts', name), true, toggle, { hidesText: true });
  return {
    element: element(
      'tr',
      {},
      element('td', {}, shown),
      element('th', { scope: 'row' }, swatch(style), name),
      element('td', { class: 'sub' }, armText(description)),
      element('td', {}, state, reason),
      step,
      element('td', {}, stop),
    ),
    update(arm, view) {
      setText(state, `${stateSign(arm.state)} ${armStateText(arm.state)}`);
      setText(reason, arm.reason === undefined ? '' : ` ${printable(arm.reason)}`);
      setText(step, arm.of > 0 ? t('{0} of {1}', arm.step, arm.of) : '');
      show(stop, canStopArm(view.state, arm.state, description.method));
    },
  };
}

/** A description of an arm, e.g. `rank 8 · rate 5e-5 · seed 1 · 147456 parameters`. */
function armText(description: Arm['description']): string {
  const { method, rank, learningRate, seed, trainableParameters, minority, cutFrom } = description;
  if (method === 'base') return t('the untouched model');
  return [
    rank === undefined ? t('full fine-tuning') : t('rank {0}', rank),
    cutFrom === undefined ? undefined : t('cut from {0}, not trained', cutFrom),
    learningRate === undefined ? undefined : t('rate {0}', learningRate.toExponential()),
    t('seed {0}', seed),
    minority === undefined ? undefined : t('minority at {0}', decimal(minority)),
    t('{0} parameters', trainableParameters.toLocaleString()),
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}
