import { RankscopeError } from '../../protocol/errors.ts';
import { Graph } from '../ops/graph.ts';
import { createSession } from '../onnx/runtime.ts';
import { serialize } from '../onnx/serialize.ts';
import type { Node } from '../ops/value.ts';
import { devices, type DeviceName } from '../ops/device.ts';

/** How ONNX Runtime says that a program has nodes which the device's provider did not take. */
const REFUSAL = /fallback to CPU EP has been explicitly disabled/i;

/** Compiles a program of `graph`, and says which ops the device lacks when that is why it is refused. */
export async function namingMissingOps<T>(graph: Graph, device: DeviceName, compile: () => Promise<T>): Promise<T> {
  try {
    return await compile();
  } catch (error) {
    if (!(error instanceof RankscopeError && REFUSAL.test(error.message))) throw error;
    const missing = await missingOps(graph, device);
    const named = missing.length > 0 ? missing.map(({ op, name }) => `${op} (node ${name})`).join(', ') : 'not known';
    throw new RankscopeError(
      {
        code: 'device',
        what: `${devices[device].title} lacks kernels for this program: ${named}. Nothing is run on the CPU in their stead.`,
        remedy: 'Use another device, for instance "--device cpu", or another model.',
      },
      { cause: error },
    );
  }
}

/** The ops, each with the first node of it, that are refused when they stand alone. */
async function missingOps(graph: Graph, device: DeviceName): Promise<readonly Node[]> {
  const missing: Node[] = [];
  const seen = new Set<string>();
  for (const node of graph.nodes) {
    const kind = JSON.stringify([node.op, node.attributes, node.inputs.map((v) => [v?.dtype, v?.shape.length])]);
    if (seen.has(kind) || missing.some(({ op }) => op === node.op)) continue;
    seen.add(kind);
    if (!(await isTaken(node, device))) missing.push(node);
  }
  return missing;
}

async function isTaken(node: Node, device: DeviceName): Promise<boolean> {
  const alone = new Graph();
  const inputs = node.inputs.map((v, i) => v && alone.input(`input.${i}`, v.dtype, v.shape));
  const [first] = alone.add(node.op, inputs, node.attributes);
  if (!first) return true;
  alone.output('result', first);
  try {
    const session = await createSession(serialize(alone, undefined, false, device), { threads: 1, device });
    await session.release();
    return true;
  } catch {
    return false;
  }
}
