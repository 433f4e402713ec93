import assert from 'node:assert/strict';
import {
  BLOCK,
  dequantiseInt4,
  dequantiseInt8,
  quantiseInt4,
  quantiseInt8,
} from '../../../../server/engine/weights/blockQuantisation.ts';
import { createRandom, normal } from '../../../../server/random/random.ts';

const BLOCKS = 200;

/** Blocks of all sizes, off centre, and with outliers. */
function drawn(seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: BLOCKS * BLOCK }, (_, i) => {
    const block = Math.floor(i / BLOCK);
    const value = 10 ** ((block % 9) - 6) * (normal(random) + (block % 3));
    return i % 97 === 0 ? 8 * value : value;
  });
}

function throughInt8(values: Float32Array): Float32Array {
  const [codes, scales] = [new Int8Array(values.length), new Float32Array(values.length / BLOCK)];
  assert.ok(quantiseInt8(values, codes, scales));
  const back = new Float32Array(values.length);
  dequantiseInt8(codes, scales, back);
  return back;
}

function throughInt4(values: Float32Array): Float32Array {
  const [packed, blocks] = [new Uint8Array(values.length / 2), values.length / BLOCK];
  const [scales, minima] = [new Float32Array(blocks), new Float32Array(blocks)];
  assert.ok(quantiseInt4(values, packed, scales, minima));
  const back = new Float32Array(values.length);
  dequantiseInt4(packed, scales, minima, back);
  return back;
}

function eachBlock(values: Float32Array, visit: (block: Float32Array, from: number) => void): void {
  for (let from = 0; from < values.length; from += BLOCK) visit(values.subarray(from, from + BLOCK), from);
}

const squares = (values: Iterable<number>): number => [...values].reduce((sum, x) => sum + x * x, 0);

describe('quantiseInt8', () => {
  it('is off by half a step at most, a step being the 127th part of the largest of the block', () => {
    const values = drawn(1);
    const back = throughInt8(values);
    eachBlock(values, (block, from) => {
      const step = Math.max(...block.map(Math.abs)) / 127;
      block.forEach((x, i) => assert.ok(Math.abs(x - (back[from + i] ?? NaN)) <= step * 0.5001));
    });
  });

  it('gives what it gave when it is given that', () => {
    const once = throughInt8(drawn(2));
    const twice = throughInt8(once);
    twice.forEach((x, i) => assert.ok(Math.abs(x - (once[i] ?? NaN)) <= 1e-6 * Math.abs(x)));
  });

  it('keeps zeros, and refuses what is not finite', () => {
    assert.deepEqual(throughInt8(new Float32Array(BLOCK)), new Float32Array(BLOCK));
    for (const odd of [NaN, Infinity, -Infinity]) {
      const values = drawn(3);
      values[40] = odd;
      assert.equal(quantiseInt8(values, new Int8Array(values.length), new Float32Array(BLOCKS)), false);
    }
  });
});

describe('quantiseInt4', () => {
  it('loses no more than the even grid of 15 steps between the extremes of each block', () => {
    const values = drawn(4);
    const back = throughInt4(values);
    let better = 0;
    eachBlock(values, (block, from) => {
      const [low, high] = [Math.min(...block), Math.max(...block)];
      const step = (high - low) / 15;
      const even = squares(block.map((x) => Math.round((x - low) / step) * step + low - x));
      const ours = squares(block.map((x, i) => x - (back[from + i] ?? NaN)));
      assert.ok(ours <= even * (1 + 1e-4), `${ours} against ${even}`);
      if (ours < 0.99 * even) better++;
    });
    assert.ok(better > BLOCKS / 2, `${better} of ${BLOCKS} blocks are better held`);
  });

  for (const levels of [16, 14, 12]) {
    it(`gives back what lies on a grid already, of which a block uses ${levels} levels`, () => {
      const random = createRandom(levels);
      const values = new Float32Array(BLOCK * 50).map((_, i) => {
        // Both extremes are used, as in a block of Q4_1.
        const code = i % BLOCK < 2 ? (i % BLOCK) * (levels - 1) : random.below(levels);
        return Math.fround(0.0625) * code - 0.3125;
      });
      const back = throughInt4(values);
      back.forEach((x, i) => assert.ok(Math.abs(x - (values[i] ?? NaN)) < 1e-6));
    });
  }

  it('keeps a block of one number, and refuses what is not finite', () => {
    assert.deepEqual(throughInt4(new Float32Array(BLOCK).fill(-0.7)), new Float32Array(BLOCK).fill(-0.7));
    const values = drawn(5);
    values[7] = NaN;
    const blocks = new Float32Array(BLOCKS);
    assert.equal(quantiseInt4(values, new Uint8Array(values.length / 2), blocks, blocks), false);
  });
});
