import assert from 'node:assert/strict';
import { profiled } from './profiled.ts';
import { tested } from './testedDevice.ts';
import { Program } from '../../server/engine/programs/program.ts';
import {
  allGradientCases,
  gradientGraph,
  gradientOracle,
  oracleFeeds,
} from '../server/engine/autodiff/gradientGraph.ts';
import { relativeError } from '../server/engine/onnx/runGraph.ts';

/** float32 rounding of a few operations, in another order and with other approximations of exp and its kin. */
const TOLERANCE = 1e-5;

describe(`gradient rules on ${tested}`, () => {
  for (const c of allGradientCases) {
    it(`${c.name}: agree with PyTorch, every node on the device`, async () => {
      const expected = gradientOracle[c.name];
      assert.ok(expected);
      const names = Object.keys(expected.gradients);
      const compile = (profile: string): Promise<Program> =>
        Program.compile(gradientGraph(c), new Map(), { threads: 1, device: tested, profile });
      await profiled(compile, async (program) => {
        const results = await program.run(oracleFeeds(expected), ['result', ...names.map((n) => `gradient.${n}`)]);
        assert.ok(relativeError(results.floats('result'), expected.output.data) <= TOLERANCE, 'forward');
        for (const name of names) {
          const error = relativeError(results.floats(`gradient.${name}`), expected.gradients[name] ?? []);
          assert.ok(error <= TOLERANCE, `d${name}: relative error ${error}`);
        }
      });
    });
  }
});
