import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { launchEngine, type EngineProcess } from '../../server/launch/localProcess.ts';
import { RankscopeError } from '../../server/protocol/errors.ts';
import type { RunEvent, RunMetrics } from '../../server/protocol/run/run.ts';
import { cudaProvider } from '../../server/worker/devices/deviceFacts.ts';
import { tested } from './testedDevice.ts';

const demo = fileURLToPath(new URL('../../examples/demo', import.meta.url));
const entry = fileURLToPath(new URL('../../server/worker/main.ts', import.meta.url));

/** One arm, a few steps and hardly any evaluation. */
const sweep = {
  experiment: 'toxicity',
  model: path.join(demo, 'model'),
  data: {
    prompts: { file: path.join(demo, 'prompts.tsv'), limit: 2 },
    heldOut: { file: path.join(demo, 'held-out-prompts.tsv'), limit: 2 },
    pairs: { file: path.join(demo, 'pairs.jsonl'), limit: 16 },
    heldOutPairs: { file: path.join(demo, 'held-out-pairs.jsonl'), limit: 2 },
  },
  arms: { ranks: [2], full: false, learningRate: { lora: 1e-3 } },
  training: { steps: 4, batchSize: 2, gradientAccumulation: 1 },
  generation: { samples: 1, maxNewTokens: 2, temperature: 0, seed: 5 },
  evaluation: { resamples: 20 },
  checkpointEverySteps: 1,
  threads: 2,
};

describe(`a run whose device, ${tested}, is lost`, () => {
  let folder: string;
  const engines: EngineProcess[] = [];

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'rankscope-lost-'));
    await writeFile(path.join(folder, 'sweep.json'), JSON.stringify({ ...sweep, device: tested }));
  });
  after(async () => {
    for (const engine of engines) await engine.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  function launch(env: NodeJS.ProcessEnv = {}): EngineProcess {
    const cache = path.join(folder, 'cache');
    const all = { ...process.env, RANKSCOPE_CACHE: cache, ...env };
    const engine = launchEngine({ entry, execArgv: ['--import', 'tsx'], env: all });
    engines.push(engine);
    return engine;
  }

  const run = (): string => path.join(folder, 'run');
  const failure = async (ended: Promise<RunMetrics>): Promise<RankscopeError> => {
    const error: unknown = await ended.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof RankscopeError, String(error));
    return error;
  };

  it('tells so, keeps what was done, and goes on from there when the device is back', async () => {
    const engine = launch();
    const seen: RunEvent[] = [];
    const first = engine.client.request(
      'sweep.start',
      { file: path.join(folder, 'sweep.json'), run: run() },
      {
        onEvent: (event) => {
          seen.push(event);
          // After a checkpoint, in the midst of training.
          if (event.type === 'checkpoint' && event.step >= 2 && engine.pid !== undefined)
            process.kill(engine.pid, 'SIGKILL');
        },
      },
    );
    const killed = await failure(first);
    assert.equal(killed.code, 'engine');
    assert.match(killed.message, /SIGKILL/);
    assert.match(killed.message, /rankscope resume/);

    // The driver is gone: its file has another name now.
    const gone = { VK_ICD_FILENAMES: path.join(folder, 'renamed.json'), VK_DRIVER_FILES: '' };
    const missing = await failure(launch(gone).client.request('sweep.resume', { run: run() }));
    assert.equal(missing.code, 'device');
    assert.match(missing.message, /no graphics adapter/);
    assert.match(missing.message, /driver/);

    const resumed: RunEvent[] = [];
    const metrics = await launch().client.request(
      'sweep.resume',
      { run: run() },
      { onEvent: (event) => resumed.push(event) },
    );
    assert.deepEqual(
      metrics.arms.map(({ id }) => id),
      ['base', 'r2'],
    );
    const steps = (events: readonly RunEvent[]): number[] =>
      events.flatMap((event) => (event.type === 'step' ? [event.step] : []));
    assert.ok((steps(resumed)[0] ?? 0) > 1, 'it began where the checkpoint was');
    assert.equal(steps(resumed).at(-1), 4);
    const record = JSON.parse(await readFile(path.join(run(), 'run.json'), 'utf8')) as { device: string };
    assert.equal(record.device, tested);
  });

  it('tells what brings the CUDA provider where its library is missing', async () => {
    assert.ok(!existsSync(cudaProvider()), 'this machine has it: check:device is for you');
    const asked = { model: path.join(demo, 'model'), texts: ['a'], device: 'cuda' as const, threads: 1 };
    const error: unknown = await launch()
      .client.request('logits', asked)
      .catch((reason: unknown) => reason);
    assert.ok(error instanceof RankscopeError && error.code === 'device');
    assert.match(error.message, /rankscope devices install cuda/);
  });
});
