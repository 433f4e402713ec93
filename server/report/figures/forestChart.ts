/** Draws the forest picture of a verdict: verdicts are told apart by their shape and their word, not by colour alone. */
import type { Forest, ForestRow } from '../../protocol/runVerdict.ts';
import { n, shortened } from './chartParts.ts';
import { html, type Html } from '../tables/htmlText.ts';

const width = 760;
const axis = { left: 84, right: 470, top: 58 };
const rowHeight = 30;
const wordsAt = 486;

export function forestChart(forest: Forest): Html {
  const bottom = axis.top + rowHeight * forest.rows.length + 8;
  const place = (value: number) => {
    const inside = Math.min(Math.max(value, forest.left), forest.right);
    return axis.left + ((inside - forest.left) / (forest.right - forest.left)) * (axis.right - axis.left);
  };
  return html`<svg viewBox="0 0 ${width} ${bottom + 66}" role="img" aria-label="${forest.title}" class="forest">
    <title>${forest.title}</title>
    <text class="forest-title" x="14" y="22">${forest.title}</text>
    ${limitLine(forest, place, bottom)}${axisParts(forest, place, bottom)}
    ${forest.rows.map((row, i) => rowParts(row, { forest, place, y: axis.top + rowHeight * (i + 0.5) + 4 }))}
    <text class="tick start" x="14" y="${bottom + 56}">${forest.caption}</text>
  </svg>`;
}

type Place = (value: number) => number;

/** The side of the limit that safe ranks lie on is shaded. */
function limitLine({ limit }: Forest, place: Place, bottom: number): Html {
  const x = place(limit.at);
  return html`<rect
      class="forest-allowed"
      x="${axis.left}"
      y="${axis.top}"
      width="${n(x - axis.left)}"
      height="${bottom - axis.top}"
    />
    <path class="forest-limit" d="M${n(x)} ${axis.top}V${bottom}" />
    <text class="label" x="${n(x)}" y="${axis.top - 8}">${limit.text}</text>`;
}

function axisParts({ ticks, places }: Forest, place: Place, bottom: number): Html {
  return html`<path class="forest-axis" d="M${axis.left} ${bottom}H${axis.right}" /> ${ticks.map(
      ({ at, text }) =>
        html`<path class="forest-axis" d="M${n(place(at))} ${bottom}v4" />
          <text class="label" x="${n(place(at))}" y="${bottom + 18}">${text}</text>`,
    )}
    ${places.map(({ at, text }) => html`<text class="label" x="${n(place(at))}" y="${bottom + 34}">${text}</text>`)}`;
}

interface RowPlace {
  readonly forest: Forest;
  readonly place: Place;
  readonly y: number;
}

function rowParts(row: ForestRow, at: RowPlace): Html {
  const { label, word, verdict, kind, estimate } = row;
  const tone = `forest-${verdict.replaceAll(' ', '-')}`;
  const mark = estimate === undefined ? [] : [bar(row, estimate, at), markOf(row, at.place(estimate), at.y)];
  const start = kind === 'group' ? '↳ ' : '';
  return html`<g class="${tone}">
    <text class="tick" x="${axis.left - 10}" y="${n(at.y + 4)}">${start}${shortened(label)}</text>
    ${mark}
    <text class="forest-word" x="${wordsAt}" y="${n(at.y + 4)}">${word}</text>
  </g>`;
}

/** From bound to bound; an end beyond the axis is an arrow. A row of a group has no bounds and no bar. */
function bar({ kind, lower, upper }: ForestRow, estimate: number, { forest, place, y }: RowPlace): Html {
  if (kind === 'group') return html``;
  const [low, high] = [lower ?? -Infinity, upper ?? Infinity];
  const [start, end] = [place(Math.min(low, estimate)), place(Math.max(high, estimate))];
  const arrows = [
    ...(low < forest.left ? [html`<path class="forest-arrow" d="M${n(start + 6)} ${n(y - 5)}l-6 5l6 5" />`] : []),
    ...(high > forest.right ? [html`<path class="forest-arrow" d="M${n(end - 6)} ${n(y - 5)}l6 5l-6 5" />`] : []),
  ];
  return html`<path class="forest-bar" d="M${n(start)} ${n(y)}H${n(end)}" />${arrows}`;
}

/** Safe: a disc; safe on average: a ring; undecided: a diamond; unsafe: a cross. */
function markOf({ verdict }: ForestRow, x: number, y: number): Html {
  switch (verdict) {
    case 'safe':
      return html`<circle class="forest-full" cx="${n(x)}" cy="${n(y)}" r="6" />`;
    case 'safe on average':
      return html`<circle class="forest-open" cx="${n(x)}" cy="${n(y)}" r="6" />`;
    case 'undecided':
      return html`<path class="forest-open" d="M${n(x)} ${n(y - 7)}l7 7l-7 7l-7 -7z" />`;
    case 'unsafe':
      return html`<path class="forest-cross" d="M${n(x - 5)} ${n(y - 5)}l10 10m0 -10l-10 10" />`;
  }
}

/** Rules of the page's style sheet; colours are of readable contrast on the paper of either theme. */
export const forestStyle = `
.forest { --safe: #1a7f37; --unsafe: #cf222e; --open: #57606a; }
@media (prefers-color-scheme: dark) { .forest { --safe: #57c877; --unsafe: #ff7b72; --open: #9aa4b1; } }
.forest-title { font-size: 15px; font-weight: 600; } .start { text-anchor: start; }
.forest-allowed { fill: var(--safe); opacity: .08; }
.forest-limit { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 5 3; } .forest-axis { stroke: var(--ink); }
.forest-safe, .forest-safe-on-average { --tone: var(--safe); } .forest-unsafe { --tone: var(--unsafe); }
.forest-undecided { --tone: var(--open); }
.forest-bar { stroke: var(--tone); stroke-width: 2.5; } .forest-arrow { stroke: var(--tone); stroke-width: 2; fill: none; }
.forest-full { fill: var(--tone); } .forest-open { fill: var(--paper); stroke: var(--tone); stroke-width: 2.5; }
.forest-cross { stroke: var(--tone); stroke-width: 3; } .forest-word { fill: var(--tone); }
`;
