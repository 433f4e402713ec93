import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePeftFolder } from '../../../server/engine/adapters/peftFolder.ts';
import { parametersOf } from '../../../server/engine/models/modelDefinition.ts';
import { writeSafetensors } from '../../../server/engine/weights/writeSafetensors.ts';
import {
  CONFIGS,
  drawArm,
  drawWeights,
  groupOf,
  largestGap,
  logitsOf,
  MODELS,
  openScorer,
  type Model,
} from '../../server/engine/generate/randomModel.ts';

/** A Python with torch, transformers and peft; without one there is nothing to compare with. */
const python = process.env.RANKSCOPE_PYTHON;
const sequences = [[7], [3, 14, 15, 9, 26], [5, 5, 0, 39, 1, 2, 38, 5, 33, 12, 8]];
const arms = [
  { rank: 2, targets: 'default' },
  { rank: 3, targets: 'all-linear' }, // Rank-stabilised.
] as const;

async function writeModel(folder: string, model: Model): Promise<void> {
  const { definition } = openScorer(model);
  const weights = drawWeights(definition, 5);
  const stored = parametersOf(definition).filter((p) => !p.compute);
  const tensors = stored.map(({ name, shape }) => ({
    name,
    shape,
    data: weights.get(name)?.data ?? new Float32Array(),
  }));
  await mkdir(folder, { recursive: true });
  await writeSafetensors(join(folder, 'model.safetensors'), tensors, { format: 'pt' });
  await writeFile(join(folder, 'config.json'), JSON.stringify(CONFIGS[model]));
}

function logitsByPeft(command: string, base: string, adapter: string): readonly (readonly number[])[] {
  const script = join(import.meta.dirname, 'peftLogits.py');
  const input = JSON.stringify({ base, adapter, sequences });
  const output = execFileSync(command, [script], { input, stdio: ['pipe', 'pipe', 'ignore'], maxBuffer: 2 ** 26 });
  return JSON.parse(output.toString()) as readonly (readonly number[])[];
}

if (python !== undefined) {
  describe('an adapter folder that we wrote, opened by PEFT', () => {
    let folder: string;
    before(async () => (folder = await mkdtemp(join(tmpdir(), 'peft-'))));
    after(() => rm(folder, { recursive: true }));

    for (const model of MODELS) {
      for (const { rank, targets } of arms) {
        it(`gives our logits: ${model}, rank ${rank}, ${targets}`, async () => {
          const [base, adapter] = [join(folder, model), join(folder, `${model}-${rank}`)];
          await writeModel(base, model);
          await mkdir(adapter, { recursive: true });
          const scorer = openScorer(model);
          const arm = drawArm(scorer.definition, rank, { seed: rank, targets });
          await writePeftFolder(adapter, arm, base, scorer.definition);
          const theirs = logitsByPeft(python, base, adapter);
          const own = new Map([['arm', arm]]);
          for (const [i, ids] of sequences.entries()) {
            const ours = await logitsOf(scorer, groupOf(['arm'], own), 0, ids);
            const plain = await logitsOf(scorer, groupOf(['base'], own), 0, ids);
            const gap = largestGap(ours, theirs[i] ?? []);
            assert.ok(gap < 2e-5, `sequence ${i}: ${gap}`);
            assert.ok(largestGap(plain, theirs[i] ?? []) > 0.1, 'the adapter changes nothing');
          }
          await scorer.release();
        });
      }
    }
  });
}
