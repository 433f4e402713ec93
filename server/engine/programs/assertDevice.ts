import { Graph } from '../ops/graph.ts';
import { createSession } from '../onnx/runtime.ts';
import { serialize } from '../onnx/serialize.ts';
import type { DeviceName } from '../ops/device.ts';

/** Throws RankscopeError('device') with the reason and the remedy when a device cannot be had in this process. */
export async function assertDevice(device: DeviceName): Promise<void> {
  if (device === 'cpu') return;
  const graph = new Graph();
  graph.output('y', graph.input('x', 'float32', [1]));
  const session = await createSession(serialize(graph, undefined, false, device), { threads: 1, device });
  await session.release();
}
