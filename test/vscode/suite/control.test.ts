import * as assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { inWorkspace } from './extension.ts';
import { descendants } from './processes.ts';
import { writeSmallSweep } from './smallSweep.ts';
import { until } from './until.ts';

interface Event {
  readonly type: string;
  readonly arm?: string;
  readonly step?: number;
}

describe('a sweep that is acted on', function () {
  this.timeout(300_000);
  let run: string;

  const events = (): Event[] => {
    const file = path.join(run, 'events.jsonl');
    if (!existsSync(file)) return [];
    const whole = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    return whole.map((line) => JSON.parse(line) as Event);
  };
  const stepOf = (arm: string) => events().findLast((one) => one.type === 'step' && one.arm === arm)?.step ?? 0;
  const command = (name: string, given: object = {}) =>
    vscode.commands.executeCommand(`rankscope.${name}`, { run, ...given });

  before(async () => {
    // More steps than the test waits for: it ends what it has begun.
    const training = { steps: 5000, batchSize: 8, gradientAccumulation: 1, maxLength: 64, patience: 0 };
    const arms = { ranks: [2, 8], full: false, learningRate: 1e-3 };
    const file = await writeSmallSweep('acted', { training, arms, evaluation: { everySteps: 0 } });
    const runs = inWorkspace('demo/runs').fsPath;
    const there = () => (existsSync(runs) ? readdirSync(runs).filter((name) => name.startsWith('acted')) : []);
    await vscode.commands.executeCommand('rankscope.runSweep', file);
    const [name] = await until('the run', () => (there().length > 0 ? there() : undefined));
    run = path.join(runs, name!);
    await until('training', () => stepOf('r8') >= 2, 240_000);
  });

  it('is held and goes on', async () => {
    await command('pauseRun');
    await until('the pause', () => events().some(({ type }) => type === 'paused'));
    const held = stepOf('r2');
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(stepOf('r2'), held);
    // Whoever closes the window now finds it paused: nothing goes on with it by itself.
    await until('no mark', () => !existsSync(path.join(run, 'going.json')));
    await command('continueRun');
    await until('further steps', () => stepOf('r2') > held);
  });

  it('goes on without an arm that is stopped', async () => {
    await command('stopArm', { arm: 'r8' });
    await until('steps of the other alone', () => stepOf('r2') > stepOf('r8') + 2);
  });

  it('ends when all is stopped, and leaves neither mark nor engine', async () => {
    // Another engine may stand by for questions about models; the run's own holds its lock.
    const { pid } = JSON.parse(readFileSync(path.join(run, 'lock.json'), 'utf8')) as { pid: number };
    assert.ok(descendants().some((own) => own.pid === pid));
    await command('stopAll');
    assert.equal(events().at(-1)?.type, 'cancelled');
    await until('no mark', () => !existsSync(path.join(run, 'going.json')));
    await until('no engine', () => !descendants().some((own) => own.pid === pid));
  });
});
