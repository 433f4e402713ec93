import { element } from '../page/dom.ts';
import { decimal } from '../text/format.ts';
import { t } from '../text/strings.ts';
import { heatColour } from './heatColour.ts';

const steps = 9;

/** The meaning of the colours: entropy from 0 to `most` nats. */
export function heatLegend(most: number): HTMLElement {
  const boxes = Array.from({ length: steps }, (_, i) => {
    const box = element('span', { class: 'heat-step' });
    box.style.setProperty('background-color', heatColour(i / (steps - 1)).background);
    return box;
  });
  return element(
    'p',
    { class: 'sub heat-legend' },
    t('Entropy, nats: 0'),
    element('span', { 'aria-hidden': 'true' }, ...boxes),
    decimal(most),
    ' · ',
    t('each cell is what would follow if the model ended at that layer; arrow keys walk the cells'),
  );
}
