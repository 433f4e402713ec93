import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { tabs } from './extension.ts';
import { until } from './until.ts';

describe('devices', () => {
  it('have a panel that stays one', async () => {
    await vscode.commands.executeCommand('rankscope.showDevices');
    await until('the panel', () => tabs().includes('Devices'));
    await vscode.commands.executeCommand('rankscope.showDevices');
    assert.equal(tabs().filter((label) => label === 'Devices').length, 1);
  });
});
