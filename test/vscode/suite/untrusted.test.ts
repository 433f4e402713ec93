import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { extension, inWorkspace, open } from './extension.ts';
import { descendants, hasRuntime } from './processes.ts';
import { until } from './until.ts';

describe('without trust', () => {
  before(async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    // A run that a server has left: elsewhere it would go on.
    const mark = inWorkspace('runs/left/going.json');
    await vscode.workspace.fs.writeFile(mark, Buffer.from(JSON.stringify({ left: true })));
  });

  it('wakes with the first sweep file, and not before', async () => {
    assert.equal(extension().isActive, false);
    await open('demo/demo.sweep.json');
    await until('activation', () => extension().isActive);
    assert.equal(extension().exports.serverRunning(), false);
  });

  it('goes on with no run that was left', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    assert.equal(extension().exports.serverRunning(), false);
  });

  it('judges data sets by the word list, whatever the workspace asks for', async () => {
    const settings = inWorkspace('.vscode/settings.json');
    const judge = { kind: 'llm', model: inWorkspace('demo/model').fsPath };
    await vscode.workspace.fs.writeFile(settings, Buffer.from(JSON.stringify({ 'rankscope.judge': judge })));
    const { uri } = await open('flagged.jsonl');
    const found = await until('diagnostics', () => {
      const all = vscode.languages.getDiagnostics(uri);
      return all.length > 0 ? all : undefined;
    });
    assert.ok(found.some(({ range }) => range.start.line === 1));
    assert.deepEqual(vscode.workspace.getConfiguration('rankscope').get('judge'), { kind: 'lexicon' });
  });

  it('offers to run nothing over a sweep file', async () => {
    const { uri } = await open('demo/demo.sweep.json');
    const lenses = await until('lenses', async () => {
      const all = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri);
      return all.length > 0 ? all : undefined;
    });
    assert.deepEqual(
      lenses.map(({ command }) => command?.command),
      ['rankscope.showLastResult'],
    );
  });

  it('runs nothing, whoever asks', async () => {
    const file = inWorkspace('demo/demo.sweep.json');
    const run = inWorkspace('demo/runs/none').fsPath;
    for (const [command, given] of [
      ['runSweep', file],
      ['estimateSweep', file],
      ['planSweep', file],
      ['resumeRun', { run }],
      ['tryPrompt', { run, prompt: 'x' }],
      ['newSweep', undefined],
      ['sweepOnThis', inWorkspace('flagged.jsonl')],
    ] as const) {
      await vscode.commands.executeCommand(`rankscope.${command}`, given);
    }
    assert.deepEqual(
      descendants().filter(({ command }) => command.includes('worker.cjs')),
      [],
    );
    assert.deepEqual(
      descendants().filter(({ pid }) => hasRuntime(pid)),
      [],
    );
    assert.ok(extension().isActive);
    await assert.rejects(Promise.resolve(vscode.workspace.fs.stat(inWorkspace('demo/runs'))));
  });
});
