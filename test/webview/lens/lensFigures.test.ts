import assert from 'node:assert/strict';
import type { LensCell, LensResult } from '../../../server/protocol/run/lens.ts';
import {
  heatMaps,
  largestEntropy,
  layerDivergence,
  layerName,
  lensTable,
  neighbour,
  topTable,
  visible,
} from '../../../webview/lens/heatMap.ts';

const cell = (token: string, probability: number, entropy: number, kl?: number): LensCell => ({
  top: [
    { id: 7, token, probability },
    { id: 8, token: ` ${token}`, probability: probability / 2 },
  ],
  entropy,
  ...(kl !== undefined && { kl }),
});
const lens: LensResult = {
  prompt: 'She is',
  arms: [
    {
      arm: 'base',
      tokens: ['She', ' is'],
      layers: [
        [cell('a', 0.1, 2), cell('b', 0.2, 4)],
        [cell('c', 0.3, 1), cell('d', 0.4, 3)],
      ],
    },
    {
      arm: 'r8',
      tokens: ['She', ' is'],
      layers: [
        [cell('e', 0.5, 2.5, 0), cell('f', 0.6, 5, 0.25)],
        [cell('g', 0.7, 0.5, 1.5), cell('h', 0.8, 3.5)],
      ],
    },
  ],
};

describe('the figures of a lens', () => {
  it('stand in maps with the output on top, heat as the share of the largest entropy of all arms', () => {
    assert.equal(largestEntropy(lens.arms), 5);
    const [base, r8] = heatMaps(lens);
    assert.deepEqual(
      base?.rows.map(({ layer, name, cells }) => [layer, name, ...cells.map(({ text, heat }) => `${text} ${heat}`)]),
      [
        [1, '1 (output)', 'c 0.2', 'd 0.6'],
        [0, 'embeddings', 'a 0.4', 'b 0.8'],
      ],
    );
    assert.deepEqual(
      r8?.rows.map(({ cells }) => cells.map(({ label }) => label)),
      [
        ['layer 1, after She: g 0.7, entropy 0.5 nats, KL 1.5', 'layer 1, after ·is: h 0.8, entropy 3.5 nats'],
        ['layer 0, after She: e 0.5, entropy 2.5 nats, KL 0', 'layer 0, after ·is: f 0.6, entropy 5 nats, KL 0.25'],
      ],
    );
  });

  it('have no heat where no cell has any entropy', () => {
    const cold = { ...lens, arms: [{ arm: 'base', tokens: ['x'], layers: [[cell('a', 1, 0)]] }] };
    assert.equal(heatMaps(cold)[0]?.rows[0]?.cells[0]?.heat, 0);
    assert.equal(largestEntropy([]), 0);
  });

  it('stand in a table of the likeliest of each arm at one place', () => {
    assert.deepEqual(topTable(lens, { layer: 0, position: 1 }), {
      header: ['arm', '1', '2', '3', '4', '5', 'entropy, nats', 'KL from base, nats'],
      rows: [
        ['base', 'b 0.2', '·b 0.1', '', '', '', '4', 'none'],
        ['r8', 'f 0.6', '·f 0.3', '', '', '', '5', '0.25'],
      ],
    });
  });

  it('stand in a table of the whole map of an arm, tokens numbered from 1', () => {
    assert.deepEqual(lensTable(lens.arms[1] ?? assert.fail('no arm')), {
      header: ['layer', '1 She', '2 ·is'],
      rows: [
        ['1 (output)', 'g 0.7 (0.5)', 'h 0.8 (3.5)'],
        ['embeddings', 'e 0.5 (2.5)', 'f 0.6 (5)'],
      ],
    });
  });

  it('are drawn as the mean KL of each layer over the positions where it is finite; the base has no line', () => {
    const { series } = layerDivergence(lens, new Map());
    assert.deepEqual(
      series.map(({ label, x, y }) => [label, Array.from(x), Array.from(y)]),
      [['r8', [0, 1], [0.125, 1.5]]],
    );
  });

  it('name a layer between the embeddings and the output by its number', () => {
    assert.deepEqual(
      [0, 1, 2, 3].map((layer) => layerName(layer, 4)),
      ['embeddings', '1', '2', '3 (output)'],
    );
  });

  it('cut a token to forty signs', () => {
    assert.equal(visible('x'.repeat(41)), `${'x'.repeat(40)}…`);
    assert.equal(visible('x'.repeat(40)), 'x'.repeat(40));
  });

  it('are walked by one cell a key, and to an edge by Home, End and the page keys', () => {
    const from = { layer: 2, position: 3 };
    const to = (key: string) => {
      const { layer, position } = neighbour(from, key, 6, 8);
      return [layer, position];
    };
    assert.deepEqual(
      [to('ArrowUp'), to('ArrowDown'), to('ArrowLeft'), to('ArrowRight')],
      [
        [3, 3],
        [1, 3],
        [2, 2],
        [2, 4],
      ],
    );
    assert.deepEqual(
      [to('Home'), to('End'), to('PageUp'), to('PageDown')],
      [
        [2, 0],
        [2, 7],
        [5, 3],
        [0, 3],
      ],
    );
    const corner = { layer: 5, position: 7 };
    for (const key of ['ArrowUp', 'ArrowRight']) assert.deepEqual(neighbour(corner, key, 6, 8), corner);
    assert.deepEqual(neighbour({ layer: 0, position: 0 }, 'ArrowLeft', 6, 8), { layer: 0, position: 0 });
  });
});
