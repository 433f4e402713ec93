import { reshape, step, type LoweredNode } from '../ops/loweredNode.ts';

/** ONNX's number of float32. */
const FLOAT = 1n;

/**
 * Lets nodes read parameters that are kept as float16: each use widens its own copy, which lives as long as that use,
 * so that no more than a matrix or two stand widened at a time. Of an embedding only the rows that were looked up are.
 *
 * The widening nodes come first in the program. ONNX Runtime orders a program depth-first from its outputs and visits
 * the input whose node was written last first: what is written first is computed last, right before it is needed.
 * Written in their natural places, all of them would run before anything else and hold all weights twice.
 */
export function widenWhereUsed(nodes: readonly LoweredNode[], half: ReadonlySet<string>): readonly LoweredNode[] {
  if (half.size === 0) return nodes;
  const widenings: LoweredNode[] = [];
  const uses = new Map<string, number>();
  const rest = nodes.flatMap((node) => {
    if (node.op === 'Shape') return [node];
    if (node.op === 'Gather' && half.has(node.inputs[0] ?? '')) return gatherThenWiden(node);
    const inputs = node.inputs.map((name, i) => {
      if (!half.has(name)) return name;
      const widened = `${name}/widened/${node.name}/${i}`;
      const use = uses.get(name) ?? 0;
      uses.set(name, use + 1);
      widenings.push(...widening(name, use, widened));
      return widened;
    });
    return [{ ...node, inputs }];
  });
  return [...widenings, ...rest];
}

function gatherThenWiden(node: LoweredNode): readonly LoweredNode[] {
  const [output = ''] = node.outputs;
  const narrow = `${output}/narrow`;
  return [{ ...node, outputs: [narrow] }, cast(`${node.name}/widen`, narrow, output)];
}

/**
 * ONNX Runtime makes equal nodes one, which would keep what the forward pass widened until the gradient has used it too.
 * The second use of a weight therefore reads it through a reshape that changes nothing and copies nothing.
 */
function widening(name: string, use: number, output: string): readonly LoweredNode[] {
  if (use % 2 === 0) return [cast(output, name, output)];
  const same = `${output}/same`;
  return [reshape(same, name, [0, -1]), cast(output, same, output)];
}

const cast = (name: string, input: string, output: string): LoweredNode =>
  step('Cast', name, [input], output, { to: FLOAT });
