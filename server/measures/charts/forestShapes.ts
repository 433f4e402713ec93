/**
 * The forest picture of a verdict as shapes, which the report writes as text and the panel builds as elements. Verdicts are
 * told apart by their shape and their word, not by colour alone.
 */
import type { Forest, ForestRow } from '../../protocol/run/runVerdict.ts';

/** An element of SVG: its attributes are safe, its text is not. */
export interface ForestShape {
  readonly tag: 'path' | 'rect' | 'circle' | 'text';
  readonly attributes: Readonly<Record<string, string>>;
  readonly text?: string;
}

/** Shapes of one row together, in the tone of its verdict. */
interface ForestGroup {
  readonly class: string;
  readonly shapes: readonly ForestShape[];
}

export interface ForestPicture {
  readonly width: number;
  readonly height: number;
  readonly ground: readonly ForestShape[];
  readonly rows: readonly ForestGroup[];
}

const width = 760;
const axis = { left: 84, right: 470, top: 58 };
const rowHeight = 30;
const wordsAt = 486;
/** Letters of a row's name that there is room for. */
const longestLabel = 14;

type Place = (value: number) => number;

export function forestShapes(forest: Forest): ForestPicture {
  const bottom = axis.top + rowHeight * forest.rows.length + 8;
  const place: Place = (value) => {
    const inside = Math.min(Math.max(value, forest.left), forest.right);
    return axis.left + ((inside - forest.left) / (forest.right - forest.left)) * (axis.right - axis.left);
  };
  return {
    width,
    height: bottom + 66,
    ground: [
      text('forest-title', 14, 22, forest.title),
      ...limitShapes(forest, place, bottom),
      ...axisShapes(forest, place, bottom),
      text('tick start', 14, bottom + 56, forest.caption),
    ],
    rows: forest.rows.map((row, i) => rowGroup(row, { forest, place, y: axis.top + rowHeight * (i + 0.5) + 4 })),
  };
}

/** The side of the limit that safe ranks lie on is shaded. */
function limitShapes({ limit }: Forest, place: Place, bottom: number): readonly ForestShape[] {
  const x = place(limit.at);
  const area = { x: n(axis.left), y: n(axis.top), width: n(x - axis.left), height: n(bottom - axis.top) };
  return [
    { tag: 'rect', attributes: { class: 'forest-allowed', ...area } },
    path('forest-limit', `M${n(x)} ${axis.top}V${bottom}`),
    text('label', x, axis.top - 8, limit.text),
  ];
}

function axisShapes({ ticks, places }: Forest, place: Place, bottom: number): readonly ForestShape[] {
  return [
    path('forest-axis', `M${axis.left} ${bottom}H${axis.right}`),
    ...ticks.flatMap(({ at, text: label }) => [
      path('forest-axis', `M${n(place(at))} ${bottom}v4`),
      text('label', place(at), bottom + 18, label),
    ]),
    ...places.map(({ at, text: label }) => text('label', place(at), bottom + 34, label)),
  ];
}

interface RowPlace {
  readonly forest: Forest;
  readonly place: Place;
  readonly y: number;
}

function rowGroup(row: ForestRow, at: RowPlace): ForestGroup {
  const { label, word, verdict, kind, estimate } = row;
  const name = label.length > longestLabel ? `${label.slice(0, longestLabel - 1)}…` : label;
  const drawn = estimate === undefined ? [] : [...bar(row, estimate, at), mark(row, at.place(estimate), at.y)];
  return {
    class: `forest-${word === 'broken' ? 'broken' : verdict.replaceAll(' ', '-')}`,
    shapes: [
      text('tick', axis.left - 10, at.y + 4, `${kind === 'group' ? '↳ ' : ''}${name}`),
      ...drawn,
      text('forest-word', wordsAt, at.y + 4, word),
    ],
  };
}

/** From bound to bound; an end beyond the axis is an arrow. A row of a group has no bounds and no bar. */
function bar(
  { kind, lower, upper }: ForestRow,
  estimate: number,
  { forest, place, y }: RowPlace,
): readonly ForestShape[] {
  if (kind === 'group') return [];
  const [low, high] = [lower ?? -Infinity, upper ?? Infinity];
  const [start, end] = [place(Math.min(low, estimate)), place(Math.max(high, estimate))];
  return [
    path('forest-bar', `M${n(start)} ${n(y)}H${n(end)}`),
    ...(low < forest.left ? [path('forest-arrow', `M${n(start + 6)} ${n(y - 5)}l-6 5l6 5`)] : []),
    ...(high > forest.right ? [path('forest-arrow', `M${n(end - 6)} ${n(y - 5)}l6 5l-6 5`)] : []),
  ];
}

/** Safe: a disc; safe on average: a ring; undecided: a diamond; unsafe: a cross. */
function mark({ verdict }: ForestRow, x: number, y: number): ForestShape {
  switch (verdict) {
    case 'safe':
    case 'safe on average': {
      const look = verdict === 'safe' ? 'forest-full' : 'forest-open';
      return { tag: 'circle', attributes: { class: look, cx: n(x), cy: n(y), r: '6' } };
    }
    case 'undecided':
      return path('forest-open', `M${n(x)} ${n(y - 7)}l7 7l-7 7l-7 -7z`);
    case 'unsafe':
      return path('forest-cross', `M${n(x - 5)} ${n(y - 5)}l10 10m0 -10l-10 10`);
  }
}

function path(look: string, d: string): ForestShape {
  return { tag: 'path', attributes: { class: look, d } };
}

function text(look: string, x: number, y: number, content: string): ForestShape {
  return { tag: 'text', attributes: { class: look, x: n(x), y: n(y) }, text: content };
}

/** To a hundredth of a pixel. */
function n(value: number): string {
  return String(Number(value.toFixed(2)));
}
