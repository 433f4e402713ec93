import assert from 'node:assert/strict';
import { gradientRules } from '../../../../server/engine/autodiff/gradientRules.ts';
import { Graph } from '../../../../server/engine/ops/graph.ts';
import { Program } from '../../../../server/engine/programs/program.ts';
import type { HostTensor } from '../../../../server/engine/onnx/runtime.ts';
import type { Value } from '../../../../server/engine/ops/value.ts';
import { Emit } from '../../../../server/engine/ops/emit.ts';
import type { OpName } from '../../../../server/engine/ops/opTable.ts';
import { createRandom, normal, type Random } from '../../../../server/random/random.ts';
import { floats, relativeError } from '../onnx/runGraph.ts';
import type { GradientCase } from './gradientCase.ts';
import { gradientCases } from './gradientCases.ts';
import { allGradientCases, gradientGraph, gradientOracle, oracleFeeds, type Stored } from './gradientGraph.ts';

const ops = Object.keys(gradientCases) as OpName[];
const allCases = allGradientCases;
const oracle = gradientOracle;

/** float32 rounding of a few operations. */
const PYTORCH_TOLERANCE = 1e-5;
const DIFFERENCE_TOLERANCE = 1e-4;
/** A power of two, so that x + h is exact for the samplers' grid; the error of the stencil below is h^4 f'''''/30. */
const STEP = 2 ** -5;

async function withProgram<T>(c: GradientCase, use: (program: Program) => Promise<T>): Promise<T> {
  const program = await Program.compile(gradientGraph(c), new Map(), { threads: 1 });
  try {
    return await use(program);
  } finally {
    await program.release();
  }
}

const count = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
const draw = (random: Random, sizes: readonly number[], sampler: (random: Random) => number): HostTensor =>
  floats(
    Array.from({ length: count(sizes) }, () => sampler(random)),
    ...sizes,
  );

/** sum(weights f(x)), added up in float64. */
async function projection(program: Program, feeds: Map<string, HostTensor>, weights: HostTensor): Promise<number> {
  const y = (await program.run(feeds, ['result'])).floats('result');
  return y.reduce((sum, value, i) => sum + value * Number(weights.data[i]), 0);
}

/** The derivative by one element: (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h. */
async function difference(at: (offset: number) => Promise<number>): Promise<number> {
  const near = (await at(STEP)) - (await at(-STEP));
  const far = (await at(2 * STEP)) - (await at(-2 * STEP));
  return (8 * near - far) / (12 * STEP);
}

async function finiteDifferences(
  program: Program,
  feeds: ReadonlyMap<string, HostTensor>,
  name: string,
  weights: HostTensor,
): Promise<number[]> {
  const x = feeds.get(name);
  assert.ok(x);
  const slopes: number[] = [];
  for (let i = 0; i < x.data.length; i++) {
    const at = (offset: number): Promise<number> => {
      const moved = Float32Array.from(x.data as Float32Array);
      moved[i] = (moved[i] ?? 0) + offset;
      return projection(program, new Map([...feeds, [name, { data: moved, dims: x.dims }]]), weights);
    };
    slopes.push(await difference(at));
  }
  return slopes;
}

describe('gradient rules', () => {
  it('cover every op that has a gradient, and no other', () => {
    const without = ops.filter((op) => typeof gradientRules[op] !== 'function');
    assert.deepEqual(without, [
      'Sqrt',
      'Greater',
      'Where',
      'Cast',
      'ReduceSumSquare',
      'Detach',
      'ArgMax',
      'SplitFirst',
      'ScatterElements',
      'ScatterND',
      'ZerosLike',
      'After',
    ]);
    for (const op of ops) assert.equal(gradientCases[op].length === 0, without.includes(op), op);
    assert.deepEqual(ops.toSorted(), Object.keys(gradientRules).toSorted());
  });

  it('are each exercised by the cases filed under them', () => {
    for (const op of ops) {
      for (const c of gradientCases[op]) {
        const graph = new Graph();
        const inputs = Object.entries(c.inputs).map(([name, { shape }]) => [name, graph.input(name, 'float32', shape)]);
        c.build(new Emit(graph), Object.fromEntries(inputs) as Record<string, Value>);
        assert.ok(
          graph.nodes.some((node) => node.op === op),
          c.name,
        );
      }
    }
  });

  it('are each held against PyTorch', () => {
    assert.deepEqual(allCases.map((c) => c.name).toSorted(), Object.keys(oracle).toSorted());
  });

  describe('agree with PyTorch', () => {
    for (const c of allCases) {
      it(c.name, async () => {
        const expected = oracle[c.name];
        assert.ok(expected);
        for (const [name, { sizes }] of Object.entries(c.inputs)) {
          const stored: Stored | undefined = expected.inputs[name];
          assert.deepEqual(stored?.shape, sizes);
        }
        const feeds = oracleFeeds(expected);
        await withProgram(c, async (program) => {
          const names = Object.keys(expected.gradients);
          const results = await program.run(feeds, ['result', ...names.map((name) => `gradient.${name}`)]);
          assert.ok(relativeError(results.floats('result'), expected.output.data) <= PYTORCH_TOLERANCE, 'forward');
          for (const name of names) {
            const error = relativeError(results.floats(`gradient.${name}`), expected.gradients[name] ?? []);
            assert.ok(error <= PYTORCH_TOLERANCE, `d${name}: relative error ${error}`);
          }
        });
      });
    }
  });

  describe('agree with finite differences', () => {
    for (const [number, c] of allCases.entries()) {
      it(c.name, async () => {
        const random = createRandom(7, number);
        const inputs = new Map(
          Object.entries(c.inputs).map(([n, { sizes, sampler }]) => [n, draw(random, sizes, sampler)]),
        );
        const sizes = oracle[c.name]?.weights.shape ?? [];
        const weights = draw(random, sizes, normal);
        const feeds = new Map([...inputs, ['weights', weights] as const]);
        await withProgram(c, async (program) => {
          const results = await program.run(
            feeds,
            [...inputs.keys()].map((name) => `gradient.${name}`),
          );
          for (const name of inputs.keys()) {
            const slopes = await finiteDifferences(program, feeds, name, weights);
            const error = relativeError(results.floats(`gradient.${name}`), slopes);
            const tolerance = c.tolerance?.finiteDifferences ?? DIFFERENCE_TOLERANCE;
            assert.ok(error <= tolerance, `d${name}: relative error ${error}`);
          }
        });
      });
    }
  });
});
