/**
 * The logit lens of the HTML report (paper figures 1 and 3): heat maps side by side, one for each arm, coloured by
 * the entropy of each layer and position. A cell holds the most likely token. The five most likely tokens appear
 * when the pointer is over it.
 */
import type { LensArm, LensCell, LensResult } from '../../protocol/run/lens.ts';
import { armStyles, styleOf } from '../../measures/charts/armStyle.ts';
import { decimal } from '../../measures/text/format.ts';
import { html, type Html } from '../tables/htmlText.ts';
import { lensDistanceTable, lensLayerName, lensTable, lensTokenText } from '../tables/lensTable.ts';
import { drawLines } from './lineChart.ts';
import { shown, table } from '../tables/reportParts.ts';

/** Number of colours, from sure (blue) to unsure (red). The style sheet has a class for each: `h0`, `h1`, ... */
export const heatSteps = 11;

/** Smaller KL values, nats, are rounding errors of float32 between equal distributions. */
const rounding = 1e-9;

/** Shows the whole lens of one prompt. */
export function lensFigure(lens: LensResult): Html {
  const most = largestEntropy(lens);
  return html`<p class="sub">
      The likeliest next token after “${shown(lens.prompt)}” up to each position, were each layer the last; the colour
      is the entropy of the distribution. Point at a cell for its five likeliest tokens.
    </p>
    ${scale(most)}
    <div class="scroll lenses">${lens.arms.map((arm) => heatMap(arm, most))}</div>
    ${distanceByLayer(lens) ?? html``}
    <details>
      <summary>The numbers</summary>
      ${lens.arms.map(numbers)}
    </details>`;
}

/** The largest entropy of any cell, rounded up to half a nat. */
function largestEntropy({ arms }: LensResult): number {
  let most = 0;
  for (const { layers } of arms) for (const { entropy } of layers.flat()) most = Math.max(most, entropy);
  return Math.max(0.5, Math.ceil(most * 2) / 2);
}

export function heatClass(entropy: number, most: number): string {
  return `h${Math.min(heatSteps - 1, Math.floor((entropy / most) * heatSteps))}`;
}

function scale(most: number): Html {
  const steps = Array.from({ length: heatSteps }, (_, i) => html`<li class="h${i}"></li>`);
  return html`<ol class="heat" aria-label="Colour scale of the entropy, 0 to ${decimal(most)} nats">
    <li>0</li>
    ${steps}
    <li>${decimal(most)} nats</li>
  </ol>`;
}

function heatMap({ arm, tokens, layers }: LensArm, most: number): Html {
  const rows = layers.map(
    (cells, layer) =>
      html`<tr>
        <th scope="row">${lensLayerName(layer, layers.length)}</th>
        ${cells.map((cell) => heatCell(cell, most))}
      </tr>`,
  );
  return html`<table class="lens">
    <caption>
      ${shown(arm)}
    </caption>
    <thead>
      <tr>
        <th scope="col">layer</th>
        ${tokens.map((token) => html`<th scope="col">${shown(lensTokenText(token))}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.reverse()}
    </tbody>
  </table>`;
}

function heatCell(cell: LensCell, most: number): Html {
  const [best] = cell.top;
  const token = shown(lensTokenText(best?.token ?? ''));
  return html`<td class="${heatClass(cell.entropy, most)}" title="${cellTitle(cell)}">${token}</td>`;
}

/** The five most likely tokens, the entropy, and the distance from the base. */
function cellTitle({ top, entropy, kl }: LensCell): string {
  const tokens = top.map(({ token, probability }) => {
    return `${shown(lensTokenText(token))}  ${(probability * 100).toFixed(1)} %`;
  });
  const distance = kl === undefined ? [] : [`KL from base ${decimal(kl)} nats`];
  return [...tokens, `entropy ${decimal(entropy)} nats`, ...distance].join('\n');
}

/** Chart of KL(base || arm) at the last position over the layers; undefined where no arm has such values. */
function distanceByLayer({ arms }: LensResult): Html | undefined {
  const curves = arms.flatMap(({ arm, layers }) => {
    const points = layers.flatMap((cells, layer) => {
      const kl = cells.at(-1)?.kl;
      return kl === undefined || kl < rounding ? [] : [{ x: layer, y: kl }];
    });
    return points.length > 0 ? [{ label: arm, points }] : [];
  });
  const count = arms[0]?.layers.length ?? 0;
  const styles = armStyles(curves.map(({ label }) => ({ id: label, method: '' })));
  const chart = drawLines({
    kind: 'lines',
    title: 'KL divergence from the base after the last token of the prompt, by layer',
    xTitle: 'layer',
    yTitle: 'nats',
    series: curves.map(({ label, points }) => ({
      label,
      style: styleOf(styles, label),
      x: points.map(({ x }) => x),
      y: points.map(({ y }) => y),
    })),
    format: decimal,
    place: (layer) => (layer === count - 1 ? 'output' : `layer ${layer}`),
    logarithmicY: true,
  });
  return (
    chart &&
    html`<p class="sub">KL from the base after the last token, by layer, nats:</p>
      <div class="scroll">${chart}</div>`
  );
}

function numbers(arm: LensArm): Html {
  const distance = lensDistanceTable(arm);
  return html`<p class="sub">${shown(arm.arm)}: likeliest token, its probability, entropy in nats</p>
    ${table(lensTable(arm), 'arms')}
    ${
      distance
        ? html`<p class="sub">${shown(arm.arm)}: KL(base || arm), nats</p>
            ${table(distance, 'arms')}`
        : html``
    }`;
}
