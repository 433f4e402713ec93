/** The symbol of an arm: its line with its dashes and its marker, in its colour. */
import type { ArmStyle } from '../chart/armStyle.ts';
import { svgElement } from '../page/dom.ts';
import { markerPath } from '../chart/markerPath.ts';

/** The symbol is decoration for screen readers, since the arm's name always stands beside it. */
export function swatch(style: ArmStyle): SVGElement {
  const kind = style.colour < 0 ? 'arm-base' : `arm-${style.colour}`;
  return svgElement(
    'svg',
    { class: `swatch ${kind}`, viewBox: '0 0 30 12', width: 30, height: 12, 'aria-hidden': 'true' },
    svgElement('path', {
      d: 'M1 6h28',
      'stroke-width': 2,
      'stroke-dasharray': style.dash.length > 0 ? style.dash.join(' ') : undefined,
    }),
    svgElement('path', { class: 'mark', d: markerPath(style.marker, 15, 6, 3.5) }),
  );
}
