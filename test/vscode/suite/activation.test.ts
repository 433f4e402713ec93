import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { busyMilliseconds } from './blocking.ts';
import { extension } from './extension.ts';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

describe('activation', () => {
  it('waits for something to do', () => {
    assert.equal(extension().isActive, false);
  });

  it('takes less than 300 ms with loading, and starts no server', async () => {
    const began = performance.now();
    const busy = busyMilliseconds();
    const api = await extension().activate();
    const whole = performance.now() - began;
    const own = busyMilliseconds() - busy;
    const inside = api.activationMilliseconds.toFixed(0);
    console.log(
      `#note activation: ${own.toFixed(0)} ms of work in ${whole.toFixed(0)} ms, activate() alone ${inside} ms`,
    );
    // The machine may be doing other things meanwhile: the thread's own time is what the extension costs.
    assert.ok(own < 300, `${own} ms`);
    assert.equal(api.serverRunning(), false);
  });

  it('registers every command that the manifest names', async () => {
    const { contributes } = extension().packageJSON as Manifest;
    const there = new Set(await vscode.commands.getCommands(true));
    const missing = contributes.commands.map(({ command }) => command).filter((command) => !there.has(command));
    assert.deepEqual(missing, []);
  });

  it('lists its tool for chat models', () => {
    assert.ok(vscode.lm.tools.some(({ name }) => name === 'rankscope_compare'));
  });
});
