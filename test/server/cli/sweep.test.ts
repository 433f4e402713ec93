import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import type { Handlers } from '../../../server/protocol/messages/channel.ts';
import { RankscopeError } from '../../../server/protocol/errors.ts';
import type { RunEvent, RunMetrics } from '../../../server/protocol/run/run.ts';
import type { WorkerContract } from '../../../server/protocol/messages/worker.ts';
import { sampleArm, sampleMetrics, sampleRecord } from '../runs/sampleRun.ts';
import { rankscope } from './fakeEngine.ts';

const step = (arm: string, at: number, of: number): RunEvent => ({
  ...{ time: at, type: 'step', arm, step: at, of, loss: 3 / at, gradientNorm: 1, learningRate: 1e-4 },
  ...{ tokens: 500, labelTokens: 100, seconds: 0.5, memoryBytes: 1e6 },
});

const events: readonly RunEvent[] = [
  { time: 0, type: 'started', run: 'first', arms: sampleRecord.arms },
  { time: 1, type: 'phase', phase: 'training' },
  ...Array.from({ length: 200 }, (_, i) => step('r2', i + 1, 200)),
  { time: 300, type: 'warning', message: 'the disk \u001b[31mfills' },
  { time: 301, type: 'arm-failed', arm: 'full', reason: 'the loss was not finite' },
];

type Sweeps = Partial<Handlers<WorkerContract>>;

function sweeping(metrics: RunMetrics = sampleMetrics, seen: unknown[] = []): Sweeps {
  const run: Handlers<WorkerContract>['sweep.start'] = (params, { emit }) => {
    seen.push(params);
    events.forEach(emit);
    return Promise.resolve(metrics);
  };
  return { 'sweep.start': run, 'sweep.resume': run as never };
}

describe('rankscope sweep', () => {
  it('gives the engine absolute paths, and a run named after file and time where none is given', async () => {
    const seen: unknown[] = [];
    await rankscope(['sweep', 'my sweep.json'], { handlers: sweeping(sampleMetrics, seen) });
    await rankscope(['sweep', 'a.json', '--out', 'there'], { handlers: sweeping(sampleMetrics, seen) });
    assert.deepEqual(seen, [
      { file: resolve('my sweep.json'), run: resolve('runs/my-sweep-20260102-030405') },
      { file: resolve('a.json'), run: resolve('there') },
    ]);
  });

  it('prints with --json exactly the events, a line each', async () => {
    const { stdout, stderr, status } = await rankscope(['sweep', 'a.json', '--json'], { handlers: sweeping() });
    assert.equal(stdout, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    assert.deepEqual([stderr, status], ['', 0]);
  });

  it('tells about every tenth of the steps in plain lines where there is no terminal', async () => {
    const { stderr } = await rankscope(['sweep', 'a.json'], { handlers: sweeping() });
    const steps = stderr.split('\n').filter((line) => line.includes('step '));
    assert.equal(steps.length, 11, 'the first step and every tenth');
    assert.equal(steps.at(-1), '  r2        step 200/200  loss 0.015  1000 tokens/s');
    assert.match(stderr, /full failed: the loss was not finite/);
    assert.ok(!stderr.includes('\u001b'), 'what a message brings in does not drive the terminal');
  });

  it('redraws a block on a terminal and leaves its last state', async () => {
    const { stderr } = await rankscope(['sweep', 'a.json'], { handlers: sweeping(), columns: 40 });
    assert.ok(stderr.includes('\u001b[1A\u001b[J'));
    assert.match(stderr, /step 200\/200 {2}loss 0\.01\d*[^\n]*\n$/);
    for (const line of stderr.split('\n').filter((each) => each.includes('step '))) assert.ok(line.length < 48);
  });

  it('ends with the table of arms, the answer and the notes on standard output', async () => {
    const { stdout } = await rankscope(['sweep', 'a.json', '--out', 'there'], { handlers: sweeping() });
    assert.match(stdout, /^base +50\.0 % +\[30\.0, 70\.0\] % +20 +0$/m);
    assert.match(stdout, /No conclusion: no trained arm has a paired difference/);
    assert.match(stdout, /- One seed: differences between arms may be chance\./);
    assert.match(stdout, /rankscope report there --html/);
  });

  it('ends with status 1 when an arm has no result', async () => {
    const failed = sampleArm({ id: 'full', method: 'full', failure: 'it diverged' });
    const metrics = { ...sampleMetrics, arms: [...sampleMetrics.arms, failed] };
    const { status, stdout } = await rankscope(['sweep', 'a.json'], { handlers: sweeping(metrics) });
    assert.equal(status, 1);
    assert.match(stdout, /full has no result: it diverged/);
  });

  it('cancels the request on Ctrl-C and says how to go on', async () => {
    const controller = new AbortController();
    const handlers: Sweeps = {
      'sweep.start': (_, { emit, signal }) => {
        emit(step('r2', 1, 10));
        setImmediate(() => controller.abort());
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new RankscopeError({ code: 'cancelled', what: 'cancelled' })));
        });
      },
    };
    const outcome = await rankscope(['sweep', 'a.json', '--out', 'there'], { handlers, signal: controller.signal });
    assert.deepEqual([outcome.status, outcome.left], [130, 0]);
    assert.match(outcome.stderr, /there: The sweep was cancelled\. Go on with it by "rankscope resume there"\.\n/);
  });
});

describe('rankscope resume', () => {
  it('goes on with the run', async () => {
    const seen: unknown[] = [];
    const { status } = await rankscope(['resume', 'there'], { handlers: sweeping(sampleMetrics, seen) });
    assert.deepEqual([status, seen], [0, [{ run: resolve('there') }]]);
  });
});
