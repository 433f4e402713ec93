import assert from 'node:assert/strict';
import { measureNodeShare } from '../../server/engine/programs/nodeShare.ts';
import type { Program } from '../../server/engine/programs/program.ts';
import { tested } from './testedDevice.ts';

/** Uses a program and holds that every node of it ran on the tested device, and that none copied to or from it. */
export async function profiled<T>(
  compile: (profile: string) => Promise<Program>,
  use: (program: Program) => Promise<T>,
): Promise<T> {
  const { result, share } = await measureNodeShare(tested, compile, use);
  assert.ok(share.nodes > 0, 'no node was profiled');
  assert.deepEqual(share.elsewhere, []);
  assert.equal(share.onDevice, share.nodes);
  assert.equal(share.copies, 0);
  return result;
}
