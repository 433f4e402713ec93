/** The curves of training and of its probes, as they stream in. */
import { chartFigure } from '../parts/chartFigure.ts';
import { element, show } from '../page/dom.ts';
import type { Panel } from '../page/startPanel.ts';
import { t } from '../text/strings.ts';
import { curveChart, curveCharts, probeChart, probeCharts, type Drawn } from './runCharts.ts';
import type { RunModel } from './runModel.ts';

export interface TrainingSection {
  readonly element: HTMLElement;
  readonly update: (model: RunModel, drawn: Drawn) => void;
}

export function trainingSection(panel: Panel): TrainingSection {
  const curves = curveCharts.map((name) => ({ name, figure: chartFigure(panel, name) }));
  const probes = probeCharts.map((name) => ({ name, figure: chartFigure(panel, `${name} probes`) }));
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
      for (const { name, figure } of curves) figure.show(() => curveChart(model, name, drawn));
      for (const { name, figure } of probes) figure.show(() => probeChart(model, name, drawn));
    },
  };
}
