/** The curves of training and of its probes, updated during the run. */
import { chartFigure } from '../../parts/chartFigure.ts';
import { element, show } from '../../page/dom.ts';
import type { Panel } from '../../page/startPanel.ts';
import { t } from '../../text/strings.ts';
import { probeCurves, stepCurves } from '../../../server/measures/catalogue/curves.ts';
import { curveChart, type Drawn } from '../model/runCharts.ts';
import type { RunModel } from '../model/runModel.ts';

export interface TrainingSection {
  readonly element: HTMLElement;
  readonly update: (model: RunModel, drawn: Drawn) => void;
}

export function trainingSection(panel: Panel): TrainingSection {
  const curves = stepCurves.map((curve) => ({ curve, figure: chartFigure(panel, curve.key) }));
  const probes = probeCurves.map((curve) => ({ curve, figure: chartFigure(panel, `${curve.key} probes`) }));
  const probed = element(
    'section',
    { 'aria-labelledby': 'probes-title' },
    element('h2', { id: 'probes-title' }, t('Probes during training')),
    element('div', { class: 'charts' }, ...probes.map(({ figure }) => figure.element)),
  );
  const trained = element(
    'section',
    { 'aria-labelledby': 'training-title' },
    element('h2', { id: 'training-title' }, t('Training')),
    element('div', { class: 'charts' }, ...curves.map(({ figure }) => figure.element)),
  );
  return {
    element: element('div', {}, trained, probed),
    update(model, drawn) {
      show(trained, model.curves.size > 0);
      show(probed, model.probes.size > 0);
      for (const { curve, figure } of curves) figure.show(() => curveChart(curve, model.curves, drawn));
      for (const { curve, figure } of probes) figure.show(() => curveChart(curve, model.probes, drawn));
    },
  };
}
