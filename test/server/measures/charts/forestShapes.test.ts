import assert from 'node:assert/strict';
import { forestShapes, type ForestShape } from '../../../../server/measures/charts/forestShapes.ts';
import type { Forest, ForestRow } from '../../../../server/protocol/run/runVerdict.ts';

const row = (over: Partial<ForestRow>): ForestRow => ({
  ...{ label: 'r2', kind: 'rank', verdict: 'safe', word: 'safe' },
  ...over,
});
const rows = [
  row({ label: 'r2', estimate: 30, lower: 20, upper: 40, verdict: 'unsafe', word: 'unsafe' }),
  row({ label: 'r8', estimate: 0, lower: -5, upper: 3, verdict: 'safe', word: 'safe' }),
  row({ label: 'r16', estimate: 5, upper: 12, verdict: 'safe on average', word: 'on average' }),
  row({ label: 'r32', estimate: 20, lower: 2, verdict: 'undecided', word: 'undecided' }),
  row({ label: 'about women and men', kind: 'group', estimate: 10, lower: 5, upper: 15, verdict: 'undecided' }),
  row({ label: 'full', verdict: 'undecided', word: 'broken' }),
];
const forest: Forest = {
  ...{ title: 'The title', caption: 'What the axis measures.', left: -10, right: 40 },
  ticks: [
    { at: -10, text: '-10' },
    { at: 40, text: '+40' },
  ],
  places: [{ at: 0, text: 'as full' }],
  limit: { at: 15, text: 'limit 15' },
  rows,
};
const picture = forestShapes(forest);

/** Numbers of a path or of a shape's place: its corners, relative moves added up. */
function corners({ tag, attributes }: ForestShape): readonly (readonly [x: number, y: number])[] {
  if (tag === 'circle') return [[Number(attributes.cx), Number(attributes.cy)]];
  if (tag !== 'path') return [[Number(attributes.x), Number(attributes.y)]];
  let [x, y] = [0, 0];
  return [...(attributes.d ?? '').matchAll(/([MHVhvlm])([^MHVhvlmz]*)/g)].map(([, command = '', numbers = '']) => {
    const [a = 0, b = 0] = numbers.match(/-?[\d.]+/g)?.map(Number) ?? [];
    if (command === 'M') [x, y] = [a, b];
    else if (command === 'H') x = a;
    else if (command === 'V') y = a;
    else if (command === 'h') x += a;
    else if (command === 'v') y += a;
    else [x, y] = [x + a, y + b];
    return [x, y] as const;
  });
}
const shapesOf = (i: number, look: string): readonly ForestShape[] =>
  (picture.rows[i]?.shapes ?? []).filter(({ attributes }) => attributes.class === look);
const ground = (look: string): readonly ForestShape[] =>
  picture.ground.filter(({ attributes }) => attributes.class === look);
const [axis = assert.fail('no axis')] = ground('forest-axis');
const [[left, bottom] = assert.fail('no corner'), [right] = assert.fail('no corner')] = corners(axis);
/** Where a value stands on the axis. */
const placeOf = (value: number): number => left + ((value + 10) / 50) * (right - left);
const near = (actual: number | undefined, expected: number) =>
  assert.ok(actual !== undefined && Math.abs(actual - expected) <= 0.011, `${actual} is not ${expected}`);
/** The middle of a shape's extent. */
const centre = (shape: ForestShape | undefined): readonly [number, number] => {
  const points = corners(shape ?? assert.fail('no shape'));
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
};

describe('the forest picture of a verdict', () => {
  it('lies within its width and height, its rows above the axis and its words below', () => {
    const all = [...picture.ground, ...picture.rows.flatMap(({ shapes }) => shapes)];
    for (const [x, y] of all.flatMap((shape) => corners(shape))) {
      assert.ok(x >= 0 && x <= picture.width && y >= 0 && y < picture.height, `${x}, ${y}`);
    }
    for (const [, y] of picture.rows.flatMap(({ shapes }) => shapes.flatMap((shape) => corners(shape)))) {
      assert.ok(y < bottom && y > 58, `${y} is no place of a row`);
    }
    for (const { attributes, text } of [...ground('label'), ...ground('tick start')]) {
      assert.ok(Number(attributes.y) > bottom + 9 || text === 'limit 15', text);
    }
  });

  it('says its title, its caption, the ticks, the places and the limit, each where it is', () => {
    const said = picture.ground.flatMap(({ text = '', attributes: { x } }) => (text === '' ? [] : [[text, Number(x)]]));
    assert.deepEqual(
      said.map(([text]) => text),
      [...['The title', 'limit 15', '-10', '+40', 'as full', 'What the axis measures.']],
    );
    const at = new Map(said as [string, number][]);
    near(at.get('limit 15'), placeOf(15));
    near(at.get('-10'), left);
    near(at.get('+40'), right);
    near(at.get('as full'), placeOf(0));
    const [tick] = corners(ground('forest-axis')[2] ?? assert.fail('no tick'));
    assert.deepEqual(tick, [right, bottom]);
  });

  it('shades the side of the limit that safe ranks lie on, down to the axis', () => {
    const [{ attributes } = assert.fail('nothing is shaded')] = ground('forest-allowed');
    near(Number(attributes.x), left);
    near(Number(attributes.x) + Number(attributes.width), placeOf(15));
    near(Number(attributes.y) + Number(attributes.height), bottom);
    const line = corners(ground('forest-limit')[0] ?? assert.fail('no limit'));
    for (const [x] of line) near(x, placeOf(15));
    assert.deepEqual([line[0]?.[1], line.at(-1)?.[1]], [Number(attributes.y), bottom]);
  });

  it('has a bar from bound to bound, and an arrow where it goes on beyond the axis', () => {
    const ends = (i: number) => corners(shapesOf(i, 'forest-bar')[0] ?? assert.fail(`no bar ${i}`)).map(([x]) => x);
    near(ends(0)[0], placeOf(20));
    near(ends(0)[1], right);
    near(ends(1)[0], placeOf(-5));
    near(ends(1)[1], placeOf(3));
    near(ends(2)[0], left);
    near(ends(2)[1], placeOf(12));
    near(ends(3)[1], right);
    const arrows = rows.map((_, i) => shapesOf(i, 'forest-arrow').map((arrow) => corners(arrow)));
    // Bounds at an end of the axis are not beyond it.
    assert.deepEqual(
      arrows.map(({ length }) => length),
      [0, 0, 1, 1, 0, 0],
    );
    // The point of an arrow is the end of the axis, its feathers within.
    const [[from = [NaN], tip = [NaN], to = [NaN]] = []] = arrows[2] ?? [];
    near(tip[0], left);
    assert.ok(from[0] > left && from[0] === to[0]);
    const [[other = [NaN], end = [NaN]] = []] = arrows[3] ?? [];
    near(end[0], right);
    assert.ok(other[0] < right);
  });

  it('marks the estimate by a shape of each verdict, in the middle of its row', () => {
    const looks = ['forest-cross', 'forest-full', 'forest-open', 'forest-open', 'forest-open'];
    const tags = ['path', 'circle', 'circle', 'path', 'path'];
    looks.forEach((look, i) => {
      const [mark] = shapesOf(i, look);
      assert.equal(mark?.tag, tags[i]);
      const [x, y] = centre(mark);
      near(x, placeOf(rows[i]?.estimate ?? NaN));
      const [bar] = shapesOf(i, 'forest-bar');
      if (bar) near(y, centre(bar)[1]);
    });
    // As wide as it is high.
    for (const [i, look] of [
      [0, 'forest-cross'],
      [3, 'forest-open'],
    ] as const) {
      const points = corners(shapesOf(i, look)[0] ?? assert.fail('no mark'));
      const extent = (side: 0 | 1) => Math.max(...points.map((p) => p[side])) - Math.min(...points.map((p) => p[side]));
      near(extent(0), extent(1));
      assert.ok(extent(0) > 8);
    }
  });

  it('has rows of one distance, with name and word at the height of the mark', () => {
    const heights = picture.rows.map(({ shapes }) => Number(shapes[0]?.attributes.y));
    const steps = heights.slice(1).map((y, i) => y - (heights[i] ?? NaN));
    assert.ok(
      steps.every((step) => step === steps[0] && step >= 24),
      String(steps),
    );
    picture.rows.forEach(({ shapes }, i) => {
      assert.equal(shapes.at(-1)?.attributes.y, shapes[0]?.attributes.y);
      assert.equal(shapes.at(-1)?.text, rows[i]?.word);
      assert.ok(Number(shapes[0]?.attributes.x) < left && Number(shapes.at(-1)?.attributes.x) > right);
    });
  });

  it('names each row, one of a group apart and cut to fourteen letters, without a bar', () => {
    assert.deepEqual(
      picture.rows.map(({ shapes }) => shapes[0]?.text),
      ['r2', 'r8', 'r16', 'r32', '↳ about women a…', 'full'],
    );
    assert.equal(
      forestShapes({ ...forest, rows: [row({ label: 'fourteen chars' })] }).rows[0]?.shapes[0]?.text,
      'fourteen chars',
    );
    assert.deepEqual(shapesOf(4, 'forest-bar'), []);
    assert.equal(picture.rows[5]?.shapes.length, 2);
  });

  it('has the tone of the verdict, and of a broken arm its own', () => {
    assert.deepEqual(
      picture.rows.map((own) => own.class),
      [
        ...['forest-unsafe', 'forest-safe', 'forest-safe-on-average', 'forest-undecided', 'forest-undecided'],
        'forest-broken',
      ],
    );
  });
});
