import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adapterStore, type LoraArm } from '../../../server/engine/adapters/loraArm.ts';
import { targetModules } from '../../../server/engine/adapters/loraTargets.ts';
import { writePeftFolder } from '../../../server/engine/adapters/peftFolder.ts';
import { Classifier } from '../../../server/engine/encoder/classifier.ts';
import { groupArms } from '../../../server/engine/generate/armWeights.ts';
import { Scorer } from '../../../server/engine/generate/scorer.ts';
import { parametersOf, type ModelDefinition } from '../../../server/engine/models/modelDefinition.ts';
import { createRandom, normal } from '../../../server/random/random.ts';
import {
  folderOf,
  largestDifference,
  openTiny,
  referenceOf,
  type Variant,
} from '../../server/engine/models/tinyModel.ts';

/** A Python with torch, transformers and peft; without one there is nothing to compare with. */
const python = process.env.RANKSCOPE_PYTHON;

const CASES: readonly (readonly [Variant, 'default' | 'all-linear'])[] = [
  ['qwen2', 'default'],
  ['qwen3', 'all-linear'],
  ['mistral', 'default'],
  ['smollm3', 'all-linear'],
  ['gemma2', 'default'],
  ['gemma3', 'all-linear'],
  ['phi3', 'default'],
  ['phi3', 'all-linear'],
  ['olmo2', 'all-linear'],
  ['granite', 'all-linear'],
  ['gpt-neox', 'all-linear'],
  ['opt', 'default'],
  ['opt-post-norm-projected', 'all-linear'],
  ['bert', 'default'],
  ['bert-3-classes-relu', 'all-linear'],
  ['roberta', 'default'],
  ['roberta', 'all-linear'],
  ['distilbert', 'default'],
  ['distilbert', 'all-linear'],
  ['electra', 'all-linear'],
  ['albert', 'default'],
  ['modernbert', 'default'],
  ['modernbert-biases', 'all-linear'],
  ['albert-groups', 'all-linear'],
];

/** An arm of rank 3 whose every number is drawn, the head's too. */
function drawArm(definition: ModelDefinition, targets: 'default' | 'all-linear'): LoraArm {
  const { modules = [] } = definition.family.classifier ?? {};
  const saved = parametersOf(definition).filter(({ name }) => modules.some((module) => name.startsWith(`${module}.`)));
  const modulesOfArm = targetModules(definition, targets, saved);
  const store = adapterStore(3, modulesOfArm, saved);
  const random = createRandom(9);
  for (const name of store.names) {
    const { data } = store.tensor(name, 'value');
    for (let i = 0; i < data.length; i++) data[i] = 0.2 * normal(random);
  }
  return { kind: 'lora', rank: 3, alpha: 6, scaling: 'lora', dropout: 0, targets: modulesOfArm, saved, store };
}

async function ourLogits(variant: Variant, arm: LoraArm): Promise<readonly number[]> {
  const { definition, weights } = await openTiny(variant);
  const { sequences } = referenceOf(variant);
  const arms = new Map([['arm', arm]]);
  if (definition.family.task === 'sequence-classification') {
    const classifier = new Classifier(definition, weights, { parameters: [], values: new Map() }, 1);
    const logits = await classifier.logits('arm', arms, sequences);
    await classifier.release();
    return [...logits];
  }
  const scorer = new Scorer(definition, weights, { threads: 1 });
  const [group] = groupArms(['arm'], arms);
  assert.ok(group);
  const every = (ids: readonly number[]): number[] => ids.map((_, i) => i);
  const read = sequences.map((ids) => ({ arm: 0, ids }));
  const { outputs } = await scorer.prefill(group, read, ['logits'], every);
  await scorer.release();
  return [...outputs.floats('logits')];
}

if (python !== undefined) {
  describe('an adapter folder of any family, opened by PEFT', () => {
    let folder: string;
    beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'peft-'))));
    afterEach(() => rm(folder, { recursive: true }));

    for (const [variant, targets] of CASES) {
      it(`gives our logits: ${variant}, ${targets}`, async () => {
        const { definition } = await openTiny(variant);
        const arm = drawArm(definition, targets);
        await writePeftFolder(folder, arm, folderOf(variant), definition);
        const { sequences, logits } = referenceOf(variant);
        const classes = definition.family.task === 'sequence-classification';
        const input = JSON.stringify({ base: folderOf(variant), adapter: folder, sequences, classes });
        const script = join(import.meta.dirname, 'peftLogits.py');
        const output = execFileSync(python, [script], { input, stdio: ['pipe', 'pipe', 'ignore'] });
        const theirs = (JSON.parse(output.toString()) as readonly (readonly number[])[]).flat();
        const gap = largestDifference(await ourLogits(variant, arm), theirs);
        assert.ok(gap <= 2e-5, String(gap));
        assert.ok(largestDifference(theirs, logits.flat()) > 0.05, 'the adapter changes nothing');
      });
    }
  });
}
