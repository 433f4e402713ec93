/** Checks a device against the CPU: every gradient rule, ten training steps and greedy decoding; prints a table. */
import path from 'node:path';
import { assertDevice } from '../server/engine/programs/assertDevice.ts';
import { devices, deviceNames, type DeviceName } from '../server/engine/ops/device.ts';
import { measureNodeShare } from '../server/engine/programs/nodeShare.ts';
import { decode } from '../server/engine/generate/decode.ts';
import { groupArms } from '../server/engine/generate/armWeights.ts';
import { Scorer } from '../server/engine/generate/scorer.ts';
import { defineModel } from '../server/engine/models/families/families.ts';
import { loadWeights } from '../server/engine/models/modelWeights.ts';
import { Program } from '../server/engine/programs/program.ts';
import { trialSteps } from '../server/engine/train/trialStep.ts';
import { openCheckpoint } from '../server/engine/checkpoints/openCheckpoint.ts';
import { RankscopeError } from '../server/protocol/errors.ts';
import {
  allGradientCases,
  gradientGraph,
  gradientOracle,
  oracleFeeds,
} from '../test/server/engine/autodiff/gradientGraph.ts';
import { relativeError } from '../test/server/engine/onnx/runGraph.ts';

/** What was held against what, and whether it held. */
interface Row {
  readonly check: string;
  readonly result: string;
  readonly holds: boolean;
}

const THREADS = 2;
const demo = path.join(import.meta.dirname, '../examples/demo/model');

async function gradientRow(device: DeviceName): Promise<Row> {
  let worst = 0;
  let nodes = 0;
  const failures: string[] = [];
  for (const c of allGradientCases) {
    const expected = gradientOracle[c.name];
    if (!expected) continue;
    const names = Object.keys(expected.gradients);
    const compile = (profile: string): Promise<Program> =>
      Program.compile(gradientGraph(c), new Map(), { threads: THREADS, device, profile });
    try {
      const { result, share } = await measureNodeShare(device, compile, (program) =>
        program.run(oracleFeeds(expected), ['result', ...names.map((name) => `gradient.${name}`)]),
      );
      const errors = names.map((n) => relativeError(result.floats(`gradient.${n}`), expected.gradients[n] ?? []));
      worst = Math.max(worst, relativeError(result.floats('result'), expected.output.data), ...errors);
      nodes += share.nodes;
      if (share.elsewhere.length > 0) failures.push(`${c.name}: ${share.elsewhere.join(', ')}`);
    } catch (error) {
      failures.push(`${c.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const result = `${allGradientCases.length} cases, ${nodes} nodes, largest relative error ${worst.toExponential(1)}`;
  const told = failures.length > 0 ? `; ${failures.join('; ')}` : '';
  return {
    check: 'gradient rules against PyTorch',
    result: result + told,
    holds: worst <= 1e-5 && failures.length === 0,
  };
}

async function openDemo() {
  const checkpoint = await openCheckpoint(demo, {});
  try {
    const definition = defineModel(checkpoint.config, checkpoint.path);
    return { definition, weights: await loadWeights(definition, checkpoint) };
  } finally {
    await checkpoint.tensors.close();
  }
}

async function trainingRows(device: DeviceName): Promise<Row[]> {
  const { definition, weights } = await openDemo();
  const steps = 10;
  const here = await trialSteps(definition, weights, { device: 'cpu', threads: THREADS, steps });
  const there = await trialSteps(definition, weights, { device, threads: THREADS, steps });
  const gap = Math.max(...there.losses.map((loss, i) => Math.abs(loss - (here.losses[i] ?? NaN))));
  const { nodes, onDevice, copies, elsewhere } = there.share;
  const time = `${(1000 * there.seconds).toFixed(0)} ms a step, CPU ${(1000 * here.seconds).toFixed(0)}`;
  return [
    { check: 'ten training steps', result: `losses within ${gap.toExponential(1)} nats; ${time}`, holds: gap <= 1e-3 },
    {
      check: 'nodes on the device',
      result: `${onDevice} of ${nodes}${elsewhere.length > 0 ? `; elsewhere ${elsewhere.join(', ')}` : ''}`,
      holds: onDevice === nodes,
    },
    {
      check: 'copies of state between steps',
      result: devices[device].keepsState
        ? `${there.stateReadBack} tensors, ${copies} copying nodes`
        : 'state is kept in main memory: onnxruntime-node hands out no memory of this device',
      holds: there.stateReadBack === 0,
    },
  ];
}

async function decodingRow(device: DeviceName): Promise<Row> {
  const { definition, weights } = await openDemo();
  const prompts = [[5, 90, 17], [300, 2], [41]].map((ids, index) => ({ index, ids }));
  const options = { maxNewTokens: 12, samples: 1, seed: 0, temperature: 0, topK: 0, topP: 1 };
  const complete = async (on: DeviceName): Promise<string> => {
    const scorer = new Scorer(definition, weights, { threads: THREADS, device: on });
    const [group] = groupArms(['base'], new Map());
    if (!group) return '';
    const done = await decode(scorer, group, prompts, { ...options, endTokens: new Set(), isComplete: () => false });
    await scorer.release();
    return JSON.stringify(done.map(({ tokens }) => tokens));
  };
  const [here, there] = [await complete('cpu'), await complete(device)];
  return {
    check: 'greedy decoding',
    result: here === there ? 'same tokens' : `${there}, not ${here}`,
    holds: here === there,
  };
}

async function check(device: DeviceName): Promise<void> {
  const rows = [await gradientRow(device), ...(await trainingRows(device)), await decodingRow(device)];
  const width = Math.max(...rows.map((row) => row.check.length));
  process.stdout.write(`${devices[device].title} against the CPU\n`);
  for (const { check: name, result, holds } of rows)
    process.stdout.write(`${holds ? 'holds' : 'FAILS'}  ${name.padEnd(width)}  ${result}\n`);
  if (rows.some(({ holds }) => !holds)) process.exitCode = 1;
}

const asked = deviceNames.find((name) => name === process.argv[2]);
try {
  if (!asked) {
    const what = `"${process.argv[2] ?? ''}" is no device.`;
    throw new RankscopeError({ code: 'usage', what, remedy: `Name one of ${deviceNames.join(', ')}.` });
  }
  await assertDevice(asked);
  await check(asked);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
