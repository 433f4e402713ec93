import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { resolveSweep } from '../../../../server/experiments/resolveSweep.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { precision, precisionLine } from '../../../../server/protocol/sweep/precision.ts';
import { readRun } from '../../../../server/runs/readRun.ts';
import { reportData } from '../../../../server/report/reportData.ts';
import type { EngineHost, OpenOptions } from '../../../../server/worker/host/engineHost.ts';
import { createEngineHost } from '../../../../server/worker/host/engineModel.ts';
import { openChecked } from '../../../../server/worker/sweep/precisionCheck.ts';
import { startSweep } from '../../../../server/worker/sweep/startSweep.ts';
import { SweepControl } from '../../../../server/worker/sweep/sweepControl.ts';
import { fullPlan, plainTraining } from '../training/trainingPlans.ts';

const MODEL = 'examples/demo/model';
const OPTIONS: OpenOptions = { device: 'cpu', threads: 1 };
const PROMPTS = ['The woman worked as a', 'The man was known for', 'My neighbour is'];

const refusal =
  (code: string, ...patterns: readonly RegExp[]) =>
  (error: unknown): boolean =>
    error instanceof RankscopeError && error.code === code && patterns.every((p) => p.test(error.message));

describe('openChecked', () => {
  let folder: string;
  let cache: string | undefined;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'precision-'));
    cache = process.env.RANKSCOPE_CACHE;
    process.env.RANKSCOPE_CACHE = path.join(folder, 'cache');
  });
  after(async () => {
    if (cache === undefined) delete process.env.RANKSCOPE_CACHE;
    else process.env.RANKSCOPE_CACHE = cache;
    await rm(folder, { recursive: true });
  });

  /** The engine, counting what it has open. */
  function counted(): { readonly host: EngineHost; readonly log: string[] } {
    const host = createEngineHost();
    const log: string[] = [];
    const openModel: EngineHost['openModel'] = async (reference, options) => {
      const model = await host.openModel(reference, options);
      log.push(`open ${options.weights ?? 'auto'}`);
      const dispose = model.dispose.bind(model);
      model.dispose = () => {
        log.push(`close ${options.weights ?? 'auto'}`);
        return dispose();
      };
      return model;
    };
    return { host: { ...host, openModel }, log };
  }

  it('measures what rounding did, with the weights as they are closed before the rounded ones are opened', async () => {
    const { host, log } = counted();
    const found = await openChecked(host, MODEL, { ...OPTIONS, weights: 'int8' }, PROMPTS);
    await found.model.dispose();
    const { kl, klNext, largest, positions, prompts } = precision.parse(found.precision);
    assert.ok(kl > 0 && kl < 0.01, String(kl));
    assert.ok(klNext > 0 && largest >= kl);
    assert.ok(prompts === 3 && positions > 3 * prompts);
    assert.match(log.join(', '), /^open fp\d\d, close fp\d\d, open int8, close int8$/);
    assert.match(found.model.device, /int8 weights/);
  });

  it('refuses a model that is moved further than is allowed, and lets go of it', async () => {
    const { host, log } = counted();
    await assert.rejects(
      openChecked(host, MODEL, { ...OPTIONS, weights: 'int4' }, PROMPTS, 1e-9),
      refusal(
        'model',
        /Kept as int4 the model is another one/,
        /1e-9 is allowed/,
        /Set "weights": "int8"/,
        /demo.model/,
      ),
    );
    assert.equal(log.at(-1), 'close int4');
  });

  it('measures nothing where nothing is rounded to few bits', async () => {
    const { host, log } = counted();
    const { model, precision: found } = await openChecked(host, MODEL, OPTIONS, PROMPTS);
    await model.dispose();
    assert.equal(found, undefined);
    assert.deepEqual(log, ['open auto', 'close auto']);
  });

  it('does not compare where there is nothing to compare on', async () => {
    const { host } = counted();
    await assert.rejects(openChecked(host, MODEL, { ...OPTIONS, weights: 'int8' }, []), refusal('data', /held-out/));
  });

  it('refuses other devices, encoders and full fine-tuning', async () => {
    const host = createEngineHost();
    const options = { ...OPTIONS, weights: 'int4' } as const;
    await assert.rejects(host.openModel(MODEL, { ...options, device: 'webgpu' }), refusal('device'));
    await assert.rejects(
      host.openSequenceClassifier('test/oracles/models/bert', options),
      refusal('config', /"weights": "int4" is for causal/),
    );
    const model = await host.openModel(MODEL, options);
    const training = { ...plainTraining, length: { steps: 1 }, batchSize: 1, appendEos: true, maxLength: 32 };
    await assert.rejects(
      async () =>
        model.train([fullPlan(1e-4)], [{ prompt: 'The', completion: ' man' }], training, {
          onStep: () => undefined,
          onArmFailed: () => undefined,
          onBoundary: () => Promise.resolve({ stop: [] }),
        }),
      refusal('config', /kept as int4/, /"full": false/),
    );
    await model.dispose();
  });

  it('is in the record and the report of a run, which a sweep with full fine-tuning does not become', async () => {
    const sweep = (full: boolean) => ({
      experiment: 'toxicity',
      model: path.resolve(MODEL),
      data: {
        prompts: { file: path.resolve('examples/demo/prompts.tsv'), limit: 12 },
        heldOut: { file: path.resolve('examples/demo/held-out-prompts.tsv'), limit: 4 },
        pairs: { file: path.resolve('examples/demo/pairs.jsonl'), limit: 4 },
      },
      arms: { ranks: [2], full },
      training: { steps: 1, batchSize: 2 },
      generation: { samples: 1, maxNewTokens: 2 },
      judge: { kind: 'lexicon' },
      weights: 'int8',
      device: 'cpu',
      threads: 1,
    });
    await mkdir(folder, { recursive: true });
    const file = path.join(folder, 'sweep.json');
    await writeFile(file, JSON.stringify(sweep(true)));
    await assert.rejects(resolveSweep(file), refusal('config', /arms\.full/, /"weights": "int8" rounds/));
    await writeFile(file, JSON.stringify(sweep(false)));
    const running = {
      host: createEngineHost(),
      control: new SweepControl(),
      onEvent: () => undefined,
      signal: new AbortController().signal,
    };
    await startSweep(file, path.join(folder, 'run'), running);
    const record = JSON.parse(await readFile(path.join(folder, 'run', 'run.json'), 'utf8')) as { precision: unknown };
    const stated = precision.parse(record.precision);
    assert.equal(stated.weights, 'int8');
    const { notes } = await reportData(await readRun(path.join(folder, 'run')));
    assert.ok(notes.includes(`All arms stand on a rounded base, ${precisionLine(stated)}.`), notes.join('\n'));
    assert.match(
      precisionLine(stated),
      /^weights as int8: KL\(fp\d\d \|\| int8\) [\d.e-]+ nats a token over \d+ positions/,
    );
  });
});
