import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const script = fileURLToPath(new URL('peakOfStep.ts', import.meta.url));

/** MB of a process of its own. */
async function peak(...args: readonly string[]): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, ...args]);
  return Number(stdout);
}

/**
 * Whether memory is saved hangs on the order in which ONNX Runtime computes a program and on what it takes for equal,
 * neither of which it promises: so it is measured.
 */
describe('the peak memory of a training step', function () {
  this.timeout(60_000);
  before(function () {
    // Elsewhere a process's peak cannot be reset.
    if (process.platform !== 'linux') this.skip();
  });

  it('goes down with the loss in chunks, and again with layers computed again', async () => {
    const whole = await peak('1');
    const chunked = await peak('8');
    const again = await peak('8', 'again');
    // The logits of 511 labels are 123 MB, of which three copies live at once; what attention keeps of a layer is 17 MB.
    assert.ok(chunked < whole - 50, `${whole} to ${chunked} MB`);
    assert.ok(again < chunked - 50, `${chunked} to ${again} MB`);
  });
});
