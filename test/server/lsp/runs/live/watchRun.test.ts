import assert from 'node:assert/strict';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FollowedRuns } from '../../../../../server/lsp/runs/live/followedRuns.ts';
import type { SweepStatus } from '../../../../../server/lsp/runs/ownership/runningSweeps.ts';
import { watchRun } from '../../../../../server/lsp/runs/live/watchRun.ts';
import { RunStore } from '../../../../../server/runs/runStore.ts';
import type { RunUpdate } from '../../../../../server/protocol/messages/runsContract.ts';
import { sampleMetrics, sampleRecord, temporaryFolder } from '../../../runs/sampleRun.ts';
import { until } from '../../../../until.ts';
import { runWith, writtenRun } from '../runFixture.ts';

const unknown: SweepStatus = { isRunning: false, hasBegun: false, death: undefined };

/** Milliseconds of this process's work between turns of the event loop: the longest, and all. What others do does not count. */
function watchTurns() {
  const work = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  const began = work();
  let [last, longest] = [began, 0];
  const timer = setInterval(() => {
    const now = work();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  const stop = () => {
    clearInterval(timer);
    return { longest, whole: work() - began };
  };
  return { stop };
}

describe('watching a run', () => {
  const folder = temporaryFolder();
  after(() => folder.remove());
  const follow = (path: string, points = 100, status: () => SweepStatus = () => unknown) => {
    const updates: RunUpdate[] = [];
    const controller = new AbortController();
    const runs = new FollowedRuns(status);
    const ended = runs
      .open(path)
      .then((run) =>
        watchRun(run, points, { emit: (update) => updates.push(update), signal: controller.signal }, Date.now),
      );
    return { updates, ended, stop: () => controller.abort(), last: () => updates.at(-1)?.view };
  };
  /** A curve as a panel holds it after all updates. */
  const held = (updates: readonly RunUpdate[], arm: string) =>
    updates.reduce<number[]>((steps, { curves }) => {
      const news = curves[arm];
      return news ? [...(news.replace ? [] : steps), ...news.points.step] : steps;
    }, []);

  it('tells what a run elsewhere does, from its first event to its end', async () => {
    const run = await writtenRun(join(folder.path, 'live'));
    const watched = follow(run.path);
    await until(() => watched.updates.length === 1);
    assert.deepEqual([watched.last()?.state, watched.last()?.name], ['running', 'sample']);
    const { arms } = sampleRecord;
    run.store.append({ type: 'started', run: 'live', arms });
    run.store.append({ type: 'phase', phase: 'training' });
    for (let step = 1; step <= 3; step++) run.step('r2', step);
    run.store.append({ type: 'probe', arm: 'r2', step: 3, kl: 0.25, n: 4 });
    await until(() => held(watched.updates, 'r2').length === 3);
    await until(() => watched.updates.some(({ probes }) => probes.r2 !== undefined));
    const probed = watched.updates.find((update) => update.probes.r2 !== undefined);
    assert.deepEqual(probed?.probes.r2?.points, {
      ...{ step: [3], heldOutLoss: [null], kl: [0.25], entropy: [null], toxicityRate: [null] },
      ...{ groupGap: [null], forgetting: [null] },
    });
    const r2 = () => watched.last()?.arms.find(({ description }) => description.id === 'r2');
    assert.deepEqual([r2()?.state, r2()?.step, r2()?.of], ['training', 3, 100]);
    assert.equal(watched.last()?.progress?.total, 200);
    run.store.append({ type: 'paused', step: 3 });
    await until(() => watched.last()?.state === 'paused');
    assert.equal(watched.last()?.progress?.secondsLeft, undefined);
    run.step('r2', 4);
    await until(() => watched.last()?.state === 'running');
    assert.ok((watched.last()?.progress?.secondsLeft ?? 0) > 0);
    await run.finish();
    assert.equal(await watched.ended, null);
    assert.deepEqual(watched.last()?.metrics, sampleMetrics);
    assert.equal(watched.last()?.state, 'finished');
    assert.deepEqual(held(watched.updates, 'r2'), [1, 2, 3, 4]);
  });

  it('draws steps that were trained again after a resume once', async () => {
    const run = await writtenRun(join(folder.path, 'resumed'));
    run.store.append({ type: 'started', run: 'resumed', arms: sampleRecord.arms });
    for (let step = 1; step <= 5; step++) run.step('r2', step);
    await run.store.close();
    const before = follow(run.path);
    await before.ended;
    assert.equal(before.last()?.state, 'interrupted');
    const again = runWith(await RunStore.resume(run.path));
    const watched = follow(run.path);
    again.store.append({ type: 'started', run: 'resumed', arms: sampleRecord.arms, resumedAtStep: 3 });
    again.step('r2', 4);
    await until(() => watched.last()?.state === 'running' && held(watched.updates, 'r2').at(-1) === 4);
    assert.deepEqual(held(watched.updates, 'r2'), [1, 2, 3, 4]);
    watched.stop();
    assert.equal(await watched.ended, null);
    await again.store.abandon(new Error('the disk is full'));
    const after = follow(run.path);
    await after.ended;
    assert.deepEqual([after.last()?.state, after.last()?.failure], ['failed', 'the disk is full']);
  });

  it('tells why the engine of an interrupted run died', async () => {
    const run = await writtenRun(join(folder.path, 'dead'));
    await run.store.close();
    const death = { code: 'engine' as const, what: 'the engine process was ended by SIGKILL' };
    const watched = follow(run.path, 100, () => ({ ...unknown, death }));
    await watched.ended;
    assert.deepEqual([watched.last()?.state, watched.last()?.failure], ['interrupted', death.what]);
  });

  it('passes over a broken line, and says which it was', async () => {
    const run = await writtenRun(join(folder.path, 'broken'));
    await run.store.close();
    await appendFile(run.store.folder.events, '{"type":"step"}\n{"type": torn');
    const watched = follow(run.path);
    await watched.ended;
    assert.match(watched.last()?.warnings.join() ?? '', /events\.jsonl:1: the line is no event/);
  });

  it('opens 100,000 steps without holding the server up, and thins them to the budget', async function () {
    const path = join(folder.path, 'long');
    await mkdir(path);
    await writeFile(join(path, 'run.json'), JSON.stringify(sampleRecord));
    const line = (step: number) =>
      JSON.stringify({
        ...{ time: step, type: 'step', arm: 'r2', step, of: 100_000, loss: step === 77_777 ? 99 : 2 / step },
        ...{ gradientNorm: 1, learningRate: 1e-4, tokens: 1024, labelTokens: 300, seconds: 0.5, memoryBytes: 1e9 },
      });
    await writeFile(join(path, 'events.jsonl'), Array.from({ length: 100_000 }, (_, i) => `${line(i + 1)}\n`).join(''));
    const began = performance.now();
    const turns = watchTurns();
    const watched = follow(path, 1000);
    await watched.ended;
    const { longest, whole } = turns.stop();
    const took = performance.now() - began;
    console.log(
      `      100,000 steps: ${took.toFixed(0)} ms; loop held ${longest.toFixed(1)} of ${whole.toFixed(0)} ms of work`,
    );
    const points = watched.updates[0]?.curves.r2?.points;
    assert.equal(watched.updates.length, 1);
    assert.ok((points?.step.length ?? 0) > 300 && (points?.step.length ?? 0) <= 1000);
    assert.equal(Math.max(...(points?.loss ?? []).map(Number)), 99);
    assert.ok(longest < whole / 4, `${longest} of ${whole} ms in one turn`);
  });
});
