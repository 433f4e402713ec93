import { internal } from '../../protocol/errors.ts';
import { Graph } from '../ops/graph.ts';
import type { DeviceTensor } from '../onnx/deviceTensor.ts';
import { createSession, type FloatTensor, type HostTensor, type Session } from '../onnx/runtime.ts';
import { serialize } from '../onnx/serialize.ts';
import { transfers } from '../onnx/transfers.ts';
import type { DeviceName } from '../ops/device.ts';

/**
 * Carries float32 tensors to a device and back, by programs that do nothing else: one leaves its result on the device,
 * the other gives it to main memory. Asking a device's tensor for its elements directly would end the process.
 */
class DeviceCopies {
  private readonly device: DeviceName;
  private readonly sessions = new Map<string, Promise<Session>>();

  constructor(device: DeviceName) {
    this.device = device;
  }

  async upload(tensor: HostTensor): Promise<DeviceTensor> {
    const session = await this.session(tensor.dims.length, true);
    const copy = (await session.runKeeping(new Map([['x', tensor]]), new Map([['y', undefined]]))).device.get('y');
    return copy ?? failed('to');
  }

  /** Counted as state read back: see onnx/transfers.ts. */
  async download(tensor: DeviceTensor): Promise<FloatTensor> {
    const session = await this.session(tensor.dims.length, false);
    const copy = (await session.run(new Map([['x', tensor]]), new Map([['y', undefined]]))).get('y');
    transfers.add({ stateOut: 1 });
    if (!(copy?.data instanceof Float32Array)) return failed('from');
    return { data: copy.data, dims: copy.dims };
  }

  private session(rank: number, stays: boolean): Promise<Session> {
    const key = `${rank} ${stays}`;
    const known = this.sessions.get(key);
    if (known) return known;
    const graph = new Graph();
    const shape = Array.from({ length: rank }, (_, i) => `d${i}`);
    graph.output('y', graph.input('x', 'float32', shape));
    const { device } = this;
    const options = { threads: 1, device, ...(stays && { keep: new Set(['y']) }) };
    const session = createSession(serialize(graph, undefined, false, device), options);
    // What could not be made is tried again when it is next asked for.
    session.catch(() => this.sessions.delete(key));
    this.sessions.set(key, session);
    return session;
  }
}

function failed(direction: string): never {
  throw internal(`A copy ${direction} the device gave nothing.`);
}

const copies = new Map<DeviceName, DeviceCopies>();

function copiesOf(device: DeviceName): DeviceCopies {
  const known = copies.get(device) ?? new DeviceCopies(device);
  copies.set(device, known);
  return known;
}

/** A copy of a float32 tensor in a device's memory, which the caller disposes of. */
function upload(tensor: HostTensor, device: DeviceName): Promise<DeviceTensor> {
  return copiesOf(device).upload(tensor);
}

/** Copies of several by name. */
export async function uploadAll(
  tensors: ReadonlyMap<string, HostTensor>,
  device: DeviceName,
): Promise<Map<string, DeviceTensor>> {
  const copied = new Map<string, DeviceTensor>();
  for (const [name, tensor] of tensors) copied.set(name, await upload(tensor, device));
  return copied;
}

/** What a device's float32 tensor holds, in main memory. */
export function download(tensor: DeviceTensor, device: DeviceName): Promise<FloatTensor> {
  return copiesOf(device).download(tensor);
}
