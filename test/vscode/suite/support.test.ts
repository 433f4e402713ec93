import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { extension } from './extension.ts';
import { descendants } from './processes.ts';
import { until } from './until.ts';

const servers = () => descendants().filter(({ command }) => command.includes('server.cjs'));

describe('support', () => {
  it('shows what a report needs, and nothing of the home folder', async () => {
    await vscode.commands.executeCommand('rankscope.reportIssue');
    const text = vscode.window.activeTextEditor?.document.getText() ?? '';
    assert.match(text, /- Rankscope: \d+\.\d+\.\d+/);
    assert.match(text, /- VS Code: \d+/);
    assert.match(text, /The language server runs/);
    assert.ok(!text.includes(process.env.HOME ?? 'no home'));
  });

  it('starts a server that was killed again', async () => {
    const [old] = await until('a server', () => {
      const found = servers();
      return found.length > 0 ? found : undefined;
    });
    process.kill(old!.pid, 'SIGKILL');
    await until(
      'another server',
      () => servers().some(({ pid }) => pid !== old!.pid) && extension().exports.serverRunning(),
    );
  });
});
