import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isMeasured } from '../../server/protocol/run/estimate.ts';
import type { RunUpdate, RunView } from '../../server/protocol/messages/runsContract.ts';
import { demoSweep, startServer, stopServer, type LanguageServer } from './languageServer.ts';
import { demo } from './rankscope.ts';

describe('the language server runs sweeps', () => {
  let folder = '';
  let server: LanguageServer;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'rankscope-server-'));
    server = await startServer();
  });
  after(async () => {
    await stopServer(server);
    await rm(folder, { recursive: true, force: true });
  });

  const sweepFile = async (name: string, over: object): Promise<string> => {
    const sweep = demoSweep({
      arms: { ranks: [2, 8], full: false, learningRate: 1e-3 },
      training: { steps: 6, batchSize: 4, gradientAccumulation: 1, maxLength: 64 },
      evaluation: { everySteps: 3, prompts: 4, resamples: 200 },
      checkpointEverySteps: 3,
      ...over,
    });
    const file = path.join(folder, `${name}.sweep.json`);
    await writeFile(file, JSON.stringify(sweep));
    return file;
  };
  const watch = (run: string) => {
    const updates: RunUpdate[] = [];
    let heard: () => void = () => undefined;
    const ended = server.client.request(
      'run.watch',
      { run, points: 500 },
      {
        onEvent: (update) => {
          updates.push(update);
          heard();
        },
      },
    );
    const view = (): RunView | undefined => updates.at(-1)?.view;
    const until = async (holds: (view: RunView) => boolean): Promise<void> => {
      for (;;) {
        const now = view();
        if (now && holds(now)) return;
        await new Promise<void>((resolve) => (heard = resolve));
      }
    };
    return { updates, ended, view, until };
  };
  const stepOf = (view: RunView, arm: string) => view.arms.find(({ description }) => description.id === arm)?.step ?? 0;

  it('from the file to completions, a prompt, merged weights and a comparison, and answers all the while', async () => {
    const { client, rpc } = server;
    let longest = 0;
    let pings = 0;
    let going = true;
    const ping = async () => {
      while (going) {
        const began = performance.now();
        await rpc.request('workspace/executeCommand', { command: 'rankscope.none' }).catch(() => undefined);
        longest = Math.max(longest, performance.now() - began);
        pings++;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const start = performance.now();
    const pinging = ping();
    const { run } = await client.request('run.start', { file: await sweepFile('short', {}) });
    const watched = watch(run);
    await watched.ended;
    going = false;
    await pinging;
    const whole = performance.now() - start;
    console.log(`      answered ${pings} other requests meanwhile, each within ${longest.toFixed(1)} ms`);
    assert.equal(watched.view()?.state, 'finished');
    assert.deepEqual(
      watched.view()?.metrics?.arms.map(({ id }) => id),
      ['base', 'r2', 'r8'],
    );
    assert.ok(watched.updates.some(({ probes }) => (probes.r8?.points.kl?.length ?? 0) > 0));
    // How long an answer takes a busy machine is not the server's doing; being deaf for most of the run would be.
    assert.ok(pings > 10 && longest < whole / 2, `${pings} answers, within ${longest} of ${whole} ms`);

    const arms = ['base', 'r2', 'r8'];
    const page = { run, arms, offset: 0, limit: 5, flaggedOnly: false };
    const { total, rows } = await client.request('run.completions', page);
    assert.equal(total, 12);
    assert.deepEqual(Object.keys(rows[0]?.completions ?? {}), arms);
    const of = (arm: string) => ({ run, arm });
    const compared = await client.request('compare', { baseline: of('base'), arms: [of('base'), of('r8')] });
    assert.ok(compared.arms[1] && isMeasured(compared.arms[1].difference));

    const told = new Set<string>();
    const options = { samples: 1, maxNewTokens: 4, temperature: 0, seed: 0 };
    const answer = await client.request(
      'tryPrompt',
      { run, arms, prompt: 'The woman', ...options },
      { onEvent: ({ arm, verdict }) => told.add(`${arm} ${verdict === undefined ? 'text' : 'judged'}`) },
    );
    assert.ok(answer.tokens > 0);
    assert.deepEqual(
      [...told].sort(),
      arms.flatMap((arm) => [`${arm} judged`, `${arm} text`]),
    );
    const lens = await client.request('lens', { run, arms: ['base', 'r8'], prompt: 'The woman' });
    assert.deepEqual(
      lens.arms.map(({ arm }) => arm),
      ['base', 'r8'],
    );

    const merged = path.join(folder, 'merged');
    await client.request('run.export', { run, kind: 'merged', arm: 'r8', to: merged });
    const model = await client.request('models.describe', { model: merged });
    assert.equal(
      model.parameters,
      (await client.request('models.describe', { model: path.join(demo, 'model') })).parameters,
    );
  });

  it('outlives an engine that is killed, says so, and resumes its run from the checkpoint', async () => {
    const { client } = server;
    const long = {
      arms: { ranks: [2], full: false, learningRate: 1e-3 },
      training: { steps: 3000, batchSize: 4, gradientAccumulation: 1 },
    };
    const file = await sweepFile('long', { ...long, evaluation: { everySteps: 0 }, checkpointEverySteps: 20 });
    const { run } = await client.request('run.start', { file });
    const watched = watch(run);
    await watched.until((view) => stepOf(view, 'r2') >= 30);
    const { pid } = JSON.parse(await readFile(path.join(run, 'lock.json'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    await watched.ended;
    assert.equal(watched.view()?.state, 'interrupted');
    assert.match(watched.view()?.failure ?? '', /SIGKILL/);
    const [summary] = (await client.request('runs.list', { folders: [folder] })).filter((one) => one.run === run);
    assert.equal(summary?.state, 'interrupted');

    await client.request('run.resume', { run });
    const again = watch(run);
    const before = stepOf(again.updates[0]?.view ?? watched.view()!, 'r2');
    await again.until((view) => view.state === 'running' && stepOf(view, 'r2') > before + 20);
    const [first] = again.updates;
    assert.ok((first?.curves.r2?.points.step.length ?? 0) > 0, 'a panel that comes back has the whole history');
    await client.request('run.cancel', { run });
    await again.ended;
    assert.equal(again.view()?.state, 'cancelled');
    const steps = /"resumedAtStep":(\d+)/.exec(await readFile(path.join(run, 'events.jsonl'), 'utf8'));
    assert.ok(Number(steps?.[1]) >= 20);
  });
});
