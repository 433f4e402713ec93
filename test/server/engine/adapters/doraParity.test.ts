import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { adapterNames } from '../../../../server/engine/adapters/adapterMethod.ts';
import { dora } from '../../../../server/engine/adapters/dora.ts';
import { readPeftFolder, writePeftFolder } from '../../../../server/engine/adapters/peftFolder.ts';
import { dropoutInput, TrainableSlots } from '../../../../server/engine/adapters/trainableSlots.ts';
import { gradients } from '../../../../server/engine/autodiff/gradients.ts';
import { Scorer } from '../../../../server/engine/generate/scorer.ts';
import type { LinearModule } from '../../../../server/engine/models/modelConfig.ts';
import { Emit } from '../../../../server/engine/ops/emit.ts';
import { Graph } from '../../../../server/engine/ops/graph.ts';
import type { HostTensor } from '../../../../server/engine/onnx/runtime.ts';
import { Program } from '../../../../server/engine/programs/program.ts';
import { logitsOf } from '../generate/randomModel.ts';
import { largestDifference, openTiny, type Variant } from '../models/tinyModel.ts';
import { EXPORTED, trainExported } from './exportedArms.ts';

interface LayerCase {
  readonly layout: LinearModule['layout'];
  readonly bias: boolean;
  readonly scale: number;
  readonly given: Readonly<Record<string, readonly number[]>>;
  readonly y: readonly number[];
  readonly gradients: Readonly<Record<'x' | 'a' | 'b' | 'magnitude', readonly number[]>>;
}

const file = (path: string): string => fileURLToPath(new URL(`../../../oracles/${path}`, import.meta.url));

/** What test/oracles/dora.py writes. */
const oracle = JSON.parse(readFileSync(file('dora.json'), 'utf8')) as {
  readonly sizes: { readonly rows: number; readonly into: number; readonly out: number; readonly rank: number };
  readonly layers: readonly LayerCase[];
  readonly sequences: readonly (readonly number[])[];
  readonly logits: readonly {
    readonly model: Variant;
    readonly folder: string;
    readonly logits: readonly (readonly number[])[];
  }[];
};

/** The map as a train program writes it, and the gradient of sum(y dy). */
function layerProgram({ layout, bias, given }: LayerCase): { graph: Graph; names: readonly string[] } {
  const { rows, into, out } = oracle.sizes;
  const graph = new Graph();
  const module: LinearModule = { name: 'm', inFeatures: into, outFeatures: out, layout, bias };
  const x = graph.parameter('x', [rows, into]);
  const weight = graph.parameter('m.weight', layout === 'out-in' ? [out, into] : [into, out]);
  const map = { module, x, weight, bias: bias ? graph.parameter('m.bias', [out]) : undefined, onto: undefined };
  // The mask of dropout has as many rows as the batch, whose size is named.
  const slots = new TrainableSlots(graph, [module], dora, given.mask !== undefined);
  const e = new Emit(graph);
  const batch = { ...map, x: e.Reshape(x, 'T', into) };
  const y = e.Reshape(slots.apply(e, batch), rows, out);
  const loss = e.ReduceSum(e.Mul(y, graph.parameter('dy', [rows, out])), 0, 1);
  const variables = [x, ...slots.parameters];
  graph.output('y', y);
  gradients(graph, loss, variables).forEach((value, i) => graph.output(`gradient.${variables[i]?.name ?? ''}`, value));
  return { graph, names: ['y', ...variables.map(({ name }) => `gradient.${name}`)] };
}

function layerFeeds({ layout, given, scale }: LayerCase): Map<string, HostTensor> {
  const { rows, into, out, rank } = oracle.sizes;
  const tensor = (key: string, dims: readonly number[]) => ({ data: Float32Array.from(given[key] ?? []), dims });
  const { a, b } = adapterNames('m');
  return new Map<string, HostTensor>([
    ['x', tensor('x', [rows, into])],
    ['dy', tensor('dy', [rows, out])],
    ['m.weight', tensor('weight', layout === 'out-in' ? [out, into] : [into, out])],
    ['m.bias', tensor('bias', [out])],
    [a, tensor('a', [rank, into])],
    [b, tensor('b', [out, rank])],
    ['m.lora_magnitude', tensor('magnitude', [out])],
    ['lora_scale', { data: Float32Array.of(scale), dims: [] }],
    [dropoutInput('m'), tensor('mask', [rows, into])],
  ]);
}

describe('DoRA in training', () => {
  for (const one of oracle.layers) {
    const title = `${one.layout}, ${one.bias ? 'a' : 'no'} bias, ${one.given.mask ? 'dropout' : 'no dropout'}`;
    it(`gives PEFT's output and gradients, the norm being a constant: ${title}`, async () => {
      const { graph, names } = layerProgram(one);
      const program = await Program.compile(graph, new Map(), { threads: 1 });
      const outputs = await program.run(layerFeeds(one), names);
      const { x, a, b, magnitude } = one.gradients;
      const right = [one.y, x, a, b, magnitude];
      names.forEach((name, i) => {
        const gap = largestDifference(outputs.floats(name), right[i] ?? []);
        assert.ok(gap < 2e-5, `${name}: ${gap}`);
      });
      await program.release();
    });
  }
});

describe('adapters of DoRA and rsLoRA', () => {
  for (const { model, folder, logits } of oracle.logits) {
    it(`of ${folder} give the logits that PEFT gives with it`, async () => {
      const { definition, weights } = await openTiny(model);
      const scorer = new Scorer(definition, weights, { threads: 1 });
      const arms = new Map([['arm', await readPeftFolder(file(folder), definition)]]);
      const [group] = await scorer.groups(['arm'], arms);
      assert.ok(group);
      for (const [i, ids] of oracle.sequences.entries()) {
        const gap = largestDifference(await logitsOf(scorer, group, 0, ids), logits[i] ?? []);
        assert.ok(gap < 1e-4, `${gap}`);
      }
      await scorer.release();
    });
  }

  for (const one of EXPORTED) {
    it(`are written as ${one.name}, which PEFT has opened`, async () => {
      const { definition } = await openTiny(one.model);
      const arm = await trainExported(one);
      const folder = await mkdtemp(join(tmpdir(), 'rankscope-exported-'));
      await writePeftFolder(folder, arm, 'tiny', definition);
      const config = (path: string): Promise<string> => readFile(join(path, 'adapter_config.json'), 'utf8');
      assert.equal(await config(folder), await config(file(`exported/${one.name}`)));
      const [written, opened] = await Promise.all(
        [folder, file(`exported/${one.name}`)].map((path) => readPeftFolder(path, definition)),
      );
      assert.deepEqual(written?.store.names, opened?.store.names);
      for (const name of arm.store.names) {
        const [ours, read, theirs] = [arm, written, opened].map((a) => a?.store.tensor(name, 'value').data ?? []);
        assert.ok(largestDifference(ours!, read!) === 0, name);
        assert.ok(largestDifference(ours!, theirs!) < 1e-3, name);
      }
      await rm(folder, { recursive: true });
    });
  }
});
