import { reshape, step, type LoweredNode } from '../ops/loweredNode.ts';
import { BLOCK } from '../weights/blockQuantisation.ts';

/** Bytes of the file that holds a model's weights. */
export interface Stretch {
  /** Path relative to the program's file. */
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

/** How a matrix lies in that file whose rows are kept in blocks: see weights/blockQuantisation.ts. */
export type BlockedMatrix = Int8Matrix | Int4Matrix;

interface Blocks {
  readonly rows: number;
  /** Numbers of a stored row, a whole number of blocks. */
  readonly width: number;
  readonly codes: Stretch;
  /** float32, one block's after the other. */
  readonly scales: Stretch;
}

interface Int8Matrix extends Blocks {
  readonly storage: 'int8';
}

interface Int4Matrix extends Blocks {
  readonly storage: 'int4';
  /** Whether the rows as stored are the columns of the program's parameter. */
  readonly transposed: boolean;
  /** float32, as the scales. */
  readonly minima: Stretch;
  /** Zeros, half a byte a block of a row. */
  readonly zeros: Stretch;
}

/** A tensor that a program maps from the file. */
export interface MappedTensor extends Stretch {
  readonly name: string;
  readonly dtype: 'float32' | 'int8' | 'uint8' | 'uint4';
  readonly dims: readonly number[];
  /** Whether the program is kept from computing with it while it is compiled, which would widen all of it for good. */
  readonly overridable: boolean;
}

export interface ReadNodes {
  readonly nodes: readonly LoweredNode[];
  readonly tensors: readonly MappedTensor[];
}

/**
 * Lets nodes read parameters that are kept in blocks of few bits, as widenWhereUsed (halfWeights.ts) does for float16: each
 * use widens its own copy, by nodes that come first, and of an embedding only the rows that were looked up are widened.
 *
 * A product x W' with a matrix of 4 bits in a `packed` program, one that lays constants out anew for its kernels, is
 * ONNX Runtime's MatMulNBits with float32 activations and sums, which widens as it goes. (Unpacked it is ten times slower than
 * widening, and of 8 bits there is no float32 kernel.) It takes whole numbers for zero points only, so that the blocks'
 * minima are multiplied apart: x W' = x (scale code)' + (sums of x's blocks) minima', and for the gradient
 * dy W = dy (scale code) + (dy minima, each for the numbers of its block). That is a 32nd of the work.
 */
export function readBlocks(
  nodes: readonly LoweredNode[],
  blocked: ReadonlyMap<string, BlockedMatrix>,
  packed: boolean,
): ReadNodes {
  if (blocked.size === 0) return { nodes, tensors: [] };
  const reading = new BlockReading(blocked, packed);
  const rest = nodes.flatMap((node) => reading.read(node));
  return { nodes: [...reading.widenings, ...rest], tensors: [...reading.tensors.values()] };
}

class BlockReading {
  readonly widenings: LoweredNode[] = [];
  readonly tensors = new Map<string, MappedTensor>();
  private readonly blocked: ReadonlyMap<string, BlockedMatrix>;
  private readonly packed: boolean;
  private readonly uses = new Map<string, number>();
  private readonly summed = new Set<string>();

  constructor(blocked: ReadonlyMap<string, BlockedMatrix>, packed: boolean) {
    this.blocked = blocked;
    this.packed = packed;
  }

  read(node: LoweredNode): readonly LoweredNode[] {
    const [first = '', second = ''] = node.inputs;
    const looked = this.blocked.get(first);
    if (node.op === 'Gather' && looked?.storage === 'int8') return this.rows(node, looked);
    const factor = this.blocked.get(second);
    const plain = node.op === 'Gemm' && !this.blocked.has(first) && node.attributes.transA !== 1n;
    if (factor?.storage === 'int4' && plain) {
      const forward = (node.attributes.transB === 1n) !== factor.transposed;
      return forward ? this.product(node, second, factor) : this.gradient(node, second, factor);
    }
    const inputs = node.inputs.map((name) => {
      const matrix = this.blocked.get(name);
      return matrix ? this.whole(name, matrix) : name;
    });
    return [{ ...node, inputs }];
  }

  /** x W' (+ c, a bias or a matrix, which MatMulNBits would not take). */
  private product(node: LoweredNode, name: string, matrix: Int4Matrix): readonly LoweredNode[] {
    const [x = '', , c] = node.inputs;
    const [y = ''] = node.outputs;
    const onto = c === undefined ? [] : [c];
    const transB = { transA: 0n, transB: 1n };
    const part = `${node.name}/codes`;
    const codes = this.packed
      ? this.multiplied(part, x, name, matrix)
      : step('Gemm', part, [x, this.scaled(name, matrix), ...onto], part, transB);
    const { sums, nodes } = this.blockSums(x, matrix);
    const minima = this.minima(name, matrix);
    if (!this.packed || c === undefined) {
      return [...nodes, codes, step('Gemm', node.name, [sums, minima, part], y, transB)];
    }
    const rest = `${node.name}/minima`;
    const added = step('Add', node.name, [part, rest], y);
    return [...nodes, codes, step('Gemm', rest, [sums, minima, c], rest, transB), added];
  }

  /** dy W (+ c). */
  private gradient(node: LoweredNode, name: string, matrix: Int4Matrix): readonly LoweredNode[] {
    const [dy = '', , c] = node.inputs;
    const [dx = ''] = node.outputs;
    const attributes = { ...node.attributes, transB: 0n };
    const inputs = [dy, this.scaled(name, matrix), ...(c === undefined ? [] : [c])];
    const named = (part: string): string => `${node.name}/${part}`;
    const [codes, minima] = [named('codes'), named('minima')];
    const blocks = matrix.width / BLOCK;
    return [
      { ...node, name: codes, inputs, attributes, outputs: [codes] },
      step('Gemm', minima, [dy, this.minima(name, matrix)], minima, { transA: 0n, transB: 0n }),
      reshape(named('blocks'), codes, [-1, blocks, BLOCK]),
      reshape(named('each'), minima, [-1, blocks, 1]),
      step('Add', named('sum'), [named('blocks'), named('each')], named('sum')),
      reshape(node.name, named('sum'), [-1, matrix.width], dx),
    ];
  }

  /** Rows that were looked up by a list of indices: [T] to [T, width]. */
  private rows(node: LoweredNode, matrix: Int8Matrix): readonly LoweredNode[] {
    const [name = '', ids = ''] = node.inputs;
    const named = (part: string): string => `${node.name}/${part}`;
    const blocks = matrix.width / BLOCK;
    const gather = (part: string, from: string): LoweredNode =>
      step('Gather', named(part), [from, ids], named(part), { axis: 0n });
    return [
      reshape(named('table'), this.codes(name, matrix), [matrix.rows, matrix.width]),
      reshape(named('scales'), this.scales(name, matrix), [matrix.rows, blocks]),
      gather('codes', named('table')),
      gather('factors', named('scales')),
      step('Cast', named('wide'), [named('codes')], named('wide'), { to: 1n }),
      reshape(named('blocks'), named('wide'), [-1, blocks, BLOCK]),
      reshape(named('each'), named('factors'), [-1, blocks, 1]),
      step('Mul', named('product'), [named('blocks'), named('each')], named('product')),
      reshape(node.name, named('product'), [-1, matrix.width], node.outputs[0]),
    ];
  }

  private multiplied(part: string, x: string, name: string, matrix: Int4Matrix): LoweredNode {
    const { rows, width } = matrix;
    const blocks = width / BLOCK;
    const packed = this.tensor(`${name}/packed`, 'uint8', [rows, blocks, BLOCK / 2], matrix.codes);
    const zeros = this.tensor(`${name}/zeros`, 'uint8', [rows, Math.ceil(blocks / 2)], matrix.zeros);
    const inputs = [x, packed, this.scales(name, matrix), zeros];
    const sizes = { K: BigInt(width), N: BigInt(rows), bits: 4n, block_size: BigInt(BLOCK), accuracy_level: 1n };
    return { ...step('MatMulNBits', part, inputs, part, sizes), domain: 'com.microsoft' };
  }

  /** Sums of x's blocks, [T, blocks]; of one x for all that multiply it. */
  private blockSums(
    x: string,
    { width }: Int4Matrix,
  ): { readonly sums: string; readonly nodes: readonly LoweredNode[] } {
    const sums = `${x}/block-sums`;
    if (this.summed.has(sums)) return { sums, nodes: [] };
    this.summed.add(sums);
    const [blocks, axes] = [`${x}/blocks`, `${sums}/axes`];
    const sum = step('ReduceSum', sums, [blocks, axes], sums, { keepdims: 0n }, [{ name: axes, data: [-1] }]);
    return { sums, nodes: [reshape(blocks, x, [-1, width / BLOCK, BLOCK]), sum] };
  }

  /** The matrix as the program has it, for whatever reads it: [rows, width], or turned where it is stored so. */
  private whole(name: string, matrix: BlockedMatrix): string {
    const scaled = this.scaled(name, matrix);
    if (matrix.storage === 'int8') return scaled;
    const named = (part: string): string => `${scaled}/${part}`;
    const [blocks, each, sum, rows, turned] = [
      named('blocks'),
      named('each'),
      named('sum'),
      named('rows'),
      named('turned'),
    ];
    this.widenings.push(
      reshape(blocks, scaled, [-1, BLOCK]),
      reshape(each, this.minima(name, matrix), [-1, 1]),
      step('Add', sum, [blocks, each], sum),
      reshape(rows, sum, [matrix.rows, matrix.width]),
    );
    if (!matrix.transposed) return rows;
    this.widenings.push(step('Transpose', turned, [rows], turned, { perm: [1n, 0n] }));
    return turned;
  }

  /**
   * Codes times scales, [rows, width], widened anew for each use. ONNX Runtime makes equal nodes one, which would keep
   * what the forward pass widened until the gradient has used it too: later uses read the scales through reshapes that
   * change nothing, each by another list, since equal lists are made one as well. Blocks stand as rows of their own, since
   * widening by rows was measured to be several times as fast as widening by blocks.
   */
  private scaled(name: string, matrix: BlockedMatrix): string {
    const use = this.uses.get(name) ?? 0;
    this.uses.set(name, use + 1);
    const [wide, rows, same] = [`${name}/wide.${use}`, `${name}/rows.${use}`, `${name}/same.${use}`];
    const scales = this.scales(name, matrix);
    const list = [undefined, -1, 0, (matrix.rows * matrix.width) / BLOCK][use % 4];
    if (list !== undefined) this.widenings.push(reshape(same, scales, [list]));
    const factors = list === undefined ? scales : same;
    this.widenings.push(
      step('DequantizeLinear', wide, [this.codes(name, matrix), factors], wide, { axis: 0n }),
      reshape(rows, wide, [matrix.rows, matrix.width]),
    );
    return rows;
  }

  private codes(name: string, { storage, rows, width, codes }: BlockedMatrix): string {
    const dtype = storage === 'int8' ? 'int8' : 'uint4';
    return this.tensor(`${name}/codes`, dtype, [(rows * width) / BLOCK, BLOCK], codes, true);
  }

  private scales(name: string, { rows, width, scales }: BlockedMatrix): string {
    return this.tensor(`${name}/scales`, 'float32', [(rows * width) / BLOCK], scales);
  }

  private minima(name: string, { rows, width, minima }: Int4Matrix): string {
    return this.tensor(`${name}/minima`, 'float32', [rows, width / BLOCK], minima);
  }

  private tensor(
    name: string,
    dtype: MappedTensor['dtype'],
    dims: readonly number[],
    stretch: Stretch,
    overridable = false,
  ): string {
    if (!this.tensors.has(name)) this.tensors.set(name, { ...stretch, name, dtype, dims, overridable });
    return name;
  }
}
