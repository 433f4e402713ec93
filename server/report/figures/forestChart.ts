/** Writes the forest picture of a verdict as SVG. */
import { forestShapes, type ForestShape } from '../../measures/charts/forestShapes.ts';
import type { Forest } from '../../protocol/run/runVerdict.ts';
import { html, type Html } from '../tables/htmlText.ts';

export function forestChart(forest: Forest): Html {
  const { width, height, ground, rows } = forestShapes(forest);
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${forest.title}" class="forest">
    <title>${forest.title}</title>
    ${ground.map(shapeHtml)}${rows.map((row) => html`<g class="${row.class}">${row.shapes.map(shapeHtml)}</g>`)}
  </svg>`;
}

function shapeHtml({ tag, attributes, text = '' }: ForestShape): Html {
  const of = (name: string): string => attributes[name] ?? '';
  const look = of('class');
  switch (tag) {
    case 'rect':
      return html`<rect
        class="${look}"
        x="${of('x')}"
        y="${of('y')}"
        width="${of('width')}"
        height="${of('height')}"
      />`;
    case 'circle':
      return html`<circle class="${look}" cx="${of('cx')}" cy="${of('cy')}" r="${of('r')}" />`;
    case 'path':
      return html`<path class="${look}" d="${of('d')}" />`;
    case 'text':
      return html`<text class="${look}" x="${of('x')}" y="${of('y')}">${text}</text>`;
  }
}

/** Rules of the page's style sheet. The colours have enough contrast on the background of either theme. */
export const forestStyle = `
.forest { --safe: #1a7f37; --unsafe: #cf222e; --open: #57606a; }
@media (prefers-color-scheme: dark) { .forest { --safe: #57c877; --unsafe: #ff7b72; --open: #9aa4b1; } }
.forest-title { font-size: 15px; font-weight: 600; } .start { text-anchor: start; }
.forest-allowed { fill: var(--safe); opacity: .08; }
.forest-limit { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 5 3; } .forest-axis { stroke: var(--ink); }
.forest-safe, .forest-safe-on-average { --tone: var(--safe); } .forest-unsafe { --tone: var(--unsafe); }
.forest-undecided, .forest-broken { --tone: var(--open); }
.forest-bar { stroke: var(--tone); stroke-width: 2.5; } .forest-arrow { stroke: var(--tone); stroke-width: 2; fill: none; }
.forest-full { fill: var(--tone); } .forest-open { fill: var(--paper); stroke: var(--tone); stroke-width: 2.5; }
.forest-cross { stroke: var(--tone); stroke-width: 3; } .forest-word { fill: var(--tone); }
`;
