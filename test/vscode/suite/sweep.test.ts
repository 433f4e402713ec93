import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { completionsUri } from '../../../client/completions/completionsUri.ts';
import { watchBlocking } from './blocking.ts';
import { extension, inWorkspace, tabs } from './extension.ts';
import { descendants, hasRuntime } from './processes.ts';
import { writeSmallSweep } from './smallSweep.ts';
import { until } from './until.ts';

/** The run's folder, once there is one, and whether it has finished: `metrics.json` is written last. */
async function runOf(parent: string): Promise<{ folder: vscode.Uri; finished: boolean } | undefined> {
  const runs = inWorkspace(parent);
  const entries = await vscode.workspace.fs.readDirectory(runs).then(
    (found) => found,
    () => [],
  );
  const [first] = entries.filter(([, kind]) => kind === vscode.FileType.Directory);
  if (first === undefined) return undefined;
  const folder = vscode.Uri.joinPath(runs, first[0]);
  const names = (await vscode.workspace.fs.readDirectory(folder)).map(([name]) => name);
  return { folder, finished: names.includes('metrics.json') };
}

describe('a sweep', function () {
  this.timeout(600_000);
  let run: string;
  let withRuntime: string[];
  let worst: number;

  before(async () => {
    const file = await writeSmallSweep('small');
    const blocking = watchBlocking();
    await vscode.commands.executeCommand('rankscope.runSweep', file);
    withRuntime = await until(
      'the engine',
      () => {
        const found = descendants()
          .filter(({ pid }) => hasRuntime(pid))
          .map(({ command }) => command);
        return found.length > 0 ? found : undefined;
      },
      240_000,
    );
    const { folder } = await until(
      'the result',
      async () => {
        const found = await runOf('demo/runs');
        return found?.finished === true ? found : undefined;
      },
      480_000,
    );
    run = folder.fsPath;
    worst = blocking.worst;
    blocking.stop();
  });

  it('opened its panel', () => {
    assert.ok(
      tabs().some((label) => run.endsWith(label)),
      tabs().join(', '),
    );
  });

  it('ran in an engine process of its own', () => {
    assert.ok(
      withRuntime.every((command) => command.includes('worker.cjs')),
      withRuntime.join('\n'),
    );
  });

  it('loaded no native module into the extension host', () => {
    assert.equal(hasRuntime(process.pid), false);
    const { sharedObjects } = process.report.getReport() as unknown as { sharedObjects: string[] };
    // VS Code's own addons may be loaded; nothing of the extension's folder is.
    const root = extension().extensionPath;
    assert.deepEqual(
      sharedObjects.filter((file) => file.includes('onnxruntime') || file.startsWith(root)),
      [],
    );
  });

  it('never kept the extension host busy for 50 ms', () => {
    console.log(`#note longest stretch of the extension host during a sweep: ${worst.toFixed(1)} ms`);
    assert.ok(worst < 50, `${worst} ms`);
  });

  it('shows completions of an arm as text', async () => {
    const document = await vscode.workspace.openTextDocument(completionsUri({ run, arm: 'r8' }));
    assert.match(document.getText(), /^\[1\] \S/);
    assert.match(document.getText(), /(not )?toxic \d\.\d\d/);
    assert.ok(document.getText().match(/^\[\d+\]/gm)!.length >= 10);
  });

  it('compares completions in the diff editor', async () => {
    await vscode.commands.executeCommand('rankscope.diffCompletions', {
      left: { run, arm: 'base' },
      right: { run, arm: 'full' },
    });
    const isDiff = ({ input }: vscode.Tab) =>
      input instanceof vscode.TabInputTextDiff && input.modified.query.includes('full');
    await until('the diff', () => vscode.window.tabGroups.all.flatMap((group) => group.tabs).some(isDiff));
  });

  it('copies its metrics as a Markdown table', async () => {
    await vscode.commands.executeCommand('rankscope.copyMetrics', { run });
    const text = await vscode.env.clipboard.readText();
    assert.match(text, /\| arm \| toxic \|/);
    for (const arm of ['base', 'r2', 'r8', 'full']) assert.match(text, new RegExp(`^\\| ${arm} \\|`, 'm'));
  });

  it('answers chat models through the tool, with intervals', async () => {
    const asked = { input: { arms: ['base', 'r8', 'full'] }, toolInvocationToken: undefined };
    const { content } = await vscode.lm.invokeTool('rankscope_compare', asked);
    const [part] = content;
    assert.ok(part instanceof vscode.LanguageModelTextPart);
    const answer = JSON.parse(part.value) as {
      folder: string;
      arms: { arm: string; toxicityRate?: { share: number; low95: number } }[];
    };
    assert.equal(answer.folder, run);
    const r8 = answer.arms.find(({ arm }) => arm === 'r8');
    assert.ok(r8?.toxicityRate !== undefined && r8.toxicityRate.low95 <= r8.toxicityRate.share);
  });

  it('opens a comparison of arms', async () => {
    const arms = ['base', 'r2', 'full'].map((arm) => ({ run, arm }));
    await vscode.commands.executeCommand('rankscope.compareRanks', { arms });
    await until('the panel', () => tabs().includes('Compare Ranks'));
  });
});
