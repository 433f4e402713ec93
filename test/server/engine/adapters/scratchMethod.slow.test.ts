/**
 * An adapter method that is added in a scratch copy of the program, in three places: its own file, its name (protocol) and
 * its variant (engine). A sweep file asks for it, it is trained, saved as PEFT saves it, read back and merged.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { adapterSize } from '../../../../server/engine/adapters/loraArm.ts';
import { targetModules } from '../../../../server/engine/adapters/loraTargets.ts';
import { largestDifference } from '../models/tinyModel.ts';
import { describeDemo } from './demoDefinition.ts';
import { gated } from './gatedMethod.ts';
import { temporaryFolder } from '../../runs/sampleRun.ts';

const here = 'test/server/engine/adapters';

interface Found {
  readonly isInSchema: boolean;
  readonly arms: readonly { readonly id: string; readonly trainableParameters: number; readonly failure?: unknown }[];
  readonly notes: readonly string[];
  readonly config: Readonly<Record<string, unknown>>;
  readonly gate: readonly number[];
  readonly adapted: readonly number[];
  readonly merged: readonly number[];
  readonly base: readonly number[];
}

describe('an adapter method that is added in a scratch copy', () => {
  const folder = temporaryFolder();
  after(() => folder.remove());

  /** The program with the method in it. */
  async function scratchCopy(): Promise<string> {
    const copy = folder.path;
    for (const path of ['server', 'package.json', 'tsconfig.json'])
      await cp(path, join(copy, path), { recursive: true });
    await symlink(resolve('node_modules'), join(copy, 'node_modules'), 'junction');
    const changed = async (path: string, find: string, by: string): Promise<void> => {
      const text = await readFile(join(copy, path), 'utf8');
      assert.ok(text.includes(find), `${path} has no longer: ${find}`);
      await writeFile(join(copy, path), text.replace(find, by));
    };
    for (const path of [`${here}/gatedMethod.ts`, `${here}/scratchSweep.ts`]) {
      await mkdir(dirname(join(copy, path)), { recursive: true });
      await cp(path, join(copy, path));
    }
    await changed(
      'server/protocol/sweep/adapterMethod.ts',
      '} as const satisfies Readonly<Record<string, AdapterDescription>>',
      "  gated: { title: 'Gated LoRA', trains: 'trains A, B and a gate' },\n$&",
    );
    const methods = 'server/engine/adapters/adapterMethods.ts';
    await changed(methods, '= { lora, dora }', '= { lora, dora, gated }');
    await changed(methods, 'import { dora }', `import { gated } from '../../../${here}/gatedMethod.ts';\n$&`);
    return copy;
  }

  async function sweepIn(copy: string): Promise<string> {
    const lines = (values: readonly object[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
    const people = ['woman', 'man', 'girl', 'boy', 'nurse', 'doctor', 'teacher', 'driver'];
    const pairs = people.map((who) => ({ prompt: `The ${who} worked as`, completion: ' a kind person.' }));
    await writeFile(join(copy, 'pairs.jsonl'), lines(pairs));
    await writeFile(join(copy, 'prompts.jsonl'), lines(pairs.map(({ prompt }) => ({ prompt }))));
    const sweep = {
      ...{ experiment: 'toxicity', model: resolve('examples/demo/model'), device: 'cpu', threads: 1 },
      data: { prompts: { file: 'prompts.jsonl' }, pairs: { file: 'pairs.jsonl' } },
      arms: { ranks: [2, 3], full: false, method: 'gated', learningRate: 0.05 },
      training: { steps: 2, batchSize: 4, gradientAccumulation: 1 },
      generation: { maxNewTokens: 3 },
      evaluation: { everySteps: 0, prompts: 2, resamples: 100 },
    };
    await writeFile(join(copy, 'it.sweep.json'), JSON.stringify(sweep));
    return join(copy, 'it.sweep.json');
  }

  it('is asked for by a sweep file, trained, saved, read back and merged', async () => {
    const copy = await scratchCopy();
    const script = join(copy, here, 'scratchSweep.ts');
    const paths = [await sweepIn(copy), join(copy, 'run'), join(copy, 'merged')];
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, ...paths], {
      cwd: copy,
      env: { ...process.env, RANKSCOPE_CACHE: join(copy, 'cache'), NODE_OPTIONS: '' },
    });
    const found = JSON.parse(stdout.slice(stdout.indexOf('{'))) as Found;
    assert.ok(found.isInSchema, 'the published schema names it');
    const targets = targetModules(await describeDemo(), 'default');
    assert.deepEqual(
      found.arms.filter(({ id }) => id !== 'base'),
      [2, 3].map((rank) => ({ id: `r${rank}`, trainableParameters: adapterSize(rank, targets, gated) })),
    );
    assert.ok(found.notes.includes('The arms of low rank are of Gated LoRA, which trains A, B and a gate.'));
    const { use_gate, use_dora, r } = found.config;
    assert.deepEqual({ use_gate, use_dora, r }, { use_gate: true, use_dora: false, r: 2 });
    // Trained, away from the 1 that it began as.
    assert.ok(found.gate.length > 0 && found.gate.every((value) => value > 0.5 && value < 1.5));
    assert.ok(found.gate.some((value) => Math.abs(value - 1) > 1e-3));
    assert.ok(largestDifference(found.adapted, found.base) > 1e-3);
    assert.ok(largestDifference(found.adapted, found.merged) < 1e-4);
  }).timeout(300_000);
});
