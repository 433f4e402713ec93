import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { inWorkspace, open } from './extension.ts';
import { until } from './until.ts';

const lensesOf = (uri: vscode.Uri) =>
  vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri);

describe('a sweep file', () => {
  it('has Run, Estimate, Plan and Show last result over it', async () => {
    const document = await open('demo/demo.sweep.json');
    const lenses = await until('lenses', async () => {
      const found = await lensesOf(document.uri);
      return found.length >= 4 ? found : undefined;
    });
    assert.deepEqual(
      lenses.map(({ command }) => command?.command),
      ['runSweep', 'estimateSweep', 'planSweep', 'showLastResult'].map((id) => `rankscope.${id}`),
    );
  });

  it('is validated, with the schema that its $schema names', async () => {
    const text = JSON.stringify({ $schema: 'rankscope-schema:/sweep.schema.json', experiment: 'toxicity', model: 3 });
    await vscode.workspace.fs.writeFile(inWorkspace('broken.sweep.json'), Buffer.from(text));
    const { uri } = await open('broken.sweep.json');
    const found = await until('diagnostics', () => {
      const all = vscode.languages.getDiagnostics(uri);
      return all.length > 0 ? all : undefined;
    });
    const messages = found.map(({ message }) => message).join('\n');
    assert.match(messages, /string/i);
    assert.doesNotMatch(messages, /unable to load|problems loading/i);
  });

  it('is completed from the schema', async () => {
    await vscode.workspace.fs.writeFile(inWorkspace('empty.sweep.json'), Buffer.from('{\n  \n}\n'));
    const { uri } = await open('empty.sweep.json');
    const items = await until('completions', async () => {
      const list = await vscode.commands.executeCommand<vscode.CompletionList>(
        'vscode.executeCompletionItemProvider',
        uri,
        new vscode.Position(1, 2),
      );
      const labels = list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
      return labels.includes('experiment') ? labels : undefined;
    });
    for (const name of ['model', 'data', 'arms', 'judge']) assert.ok(items.includes(name), name);
  });
});
