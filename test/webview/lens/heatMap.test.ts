import assert from 'node:assert/strict';
import { heatColour } from '../../../webview/lens/heatColour.ts';
import { heatMaps, layerDivergence, lensTable, neighbour, topTable, visible } from '../../../webview/lens/heatMap.ts';
import { sampleLens } from '../../../scripts/panelHarness/sampleLens.ts';

const lens = sampleLens({ arms: ['base', 'r8', 'full'], prompt: 'The woman worked as a' });

describe('the heat map of a lens', () => {
  it('has the output on top, a row a layer, a column a token, for each arm', () => {
    const maps = heatMaps(lens);
    assert.deepEqual(
      maps.map(({ arm }) => arm),
      ['base', 'r8', 'full'],
    );
    const [base] = maps;
    assert.deepEqual(base!.tokens, ['The', '·woman', '·worked', '·as', '·a']);
    assert.deepEqual([base!.rows[0]!.name, base!.rows.at(-1)!.name], ['12 (output)', 'embeddings']);
    assert.equal(base!.rows[0]!.cells.length, 5);
  });

  it('has one scale of heat for all arms, from 0 to 1 at the largest entropy', () => {
    const heats = heatMaps(lens).flatMap(({ rows }) => rows.flatMap(({ cells }) => cells.map(({ heat }) => heat)));
    assert.equal(Math.max(...heats), 1);
    assert.ok(Math.min(...heats) >= 0);
  });

  it('says each cell in words, with its KL where there is one', () => {
    const [base, r8] = heatMaps(lens);
    assert.match(base!.rows[0]!.cells[0]!.label, /^layer 12, after The: <b> 0\.55, entropy [\d.]+ nats$/);
    assert.match(r8!.rows[0]!.cells[0]!.label, /, KL 0\.\d+$/);
  });

  it('shows spaces and line breaks of tokens', () => {
    assert.deepEqual([' a', '\n', '\t'].map(visible), ['·a', '⏎', '→']);
  });

  it('is walked by keys, up towards the output, never off its edges', () => {
    const from = { layer: 0, position: 0 };
    assert.deepEqual(neighbour(from, 'ArrowUp', 13, 5), { layer: 1, position: 0 });
    assert.deepEqual(neighbour(from, 'ArrowDown', 13, 5), from);
    assert.deepEqual(neighbour(from, 'End', 13, 5), { layer: 0, position: 4 });
    assert.deepEqual(neighbour(from, 'PageUp', 13, 5), { layer: 12, position: 0 });
    assert.equal(neighbour(from, 'x', 13, 5), from);
  });

  it('has the five likeliest of every arm at a place, and the whole as text', () => {
    const table = topTable(lens, { layer: 12, position: 0 });
    assert.equal(table.rows.length, 3);
    assert.match(table.rows[0]![1]!, /^<b> 0\.55$/);
    assert.equal(table.rows[0]!.at(-1), 'none');
    assert.equal(lensTable(lens.arms[0]!).rows.length, 13);
  });

  it('has a line of the mean KL of each layer; none of the base', () => {
    const chart = layerDivergence(lens, new Map());
    assert.deepEqual(
      chart.series.map(({ label }) => label),
      ['r8', 'full'],
    );
    const full = chart.series[1]!;
    const expected = lens.arms[2]!.layers[12]!.reduce((sum, { kl }) => sum + kl!, 0) / 5;
    assert.ok(Math.abs(full.y[12]! - expected) < 1e-12);
  });
});

describe('the colours of heat', () => {
  it('always leave text readable', () => {
    for (let heat = 0; heat <= 1; heat += 0.01) {
      const { background, text } = heatColour(heat);
      const channels = (/\d+, \d+, \d+/.exec(background)?.[0] ?? '').split(', ').map((part) => Number(part) / 255);
      const [r = 0, g = 0, b = 0] = channels.map((share) =>
        share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4,
      );
      const light = 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
      const contrast = text === '#000000' ? light / 0.05 : 1.05 / light;
      assert.ok(contrast >= 4.5, `${heat.toFixed(2)}: ${contrast.toFixed(2)}`);
    }
  });

  it('bear what lies outside their range', () => {
    assert.deepEqual(heatColour(-1), heatColour(0));
    assert.deepEqual(heatColour(2), heatColour(1));
  });
});
