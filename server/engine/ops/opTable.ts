/**
 * Every op that programs may use, with its attributes, named exactly as ONNX (or ONNX Runtime's contrib domain) names
 * it. What ONNX takes as constant input tensors (axes, shapes, sizes) are attributes here; serialisation turns them
 * back. The shape rule, the gradient rule and the lowering of each op stand in tables typed over this one, so that
 * leaving one out does not compile.
 */
export interface OpAttributes {
  // Elementwise, with broadcasting where two inputs are taken.
  readonly Add: None;
  readonly Sub: None;
  readonly Mul: None;
  readonly Div: None;
  readonly Neg: None;
  readonly Exp: None;
  readonly Log: None;
  readonly Tanh: None;
  readonly Sigmoid: None;
  readonly Erf: None;
  readonly Relu: None;
  readonly Sqrt: None;
  readonly Greater: None;
  /** The second input where the first, a condition, holds, the third elsewhere: a choice, which 0 x infinity does not get through. */
  readonly Where: None;
  readonly Cast: { readonly to: 'float32' | 'int64' };

  // Linear algebra.
  readonly Gemm: { readonly transA?: 0 | 1; readonly transB?: 0 | 1 };
  /** com.microsoft: alpha op(A) op(B), batched. */
  readonly FusedMatMul: { readonly transA?: 0 | 1; readonly transB?: 0 | 1; readonly alpha?: number };

  // Activations with a kernel of their own.
  /** com.microsoft: GELU by the tanh approximation (GPT-2's gelu_new). */
  readonly FastGelu: None;
  /** com.microsoft: exact GELU by erf. */
  readonly Gelu: None;
  /** com.microsoft: x sigmoid(alpha x); alpha 1 is SiLU. */
  readonly QuickGelu: { readonly alpha: number };

  // Normalisation over the last axis.
  /** Outputs: y, mean, inverse standard deviation. */
  readonly LayerNormalization: { readonly epsilon: number };
  /** RMSNorm. Outputs: y, inverse root mean square. */
  readonly SimplifiedLayerNormalization: { readonly epsilon: number };
  readonly Softmax: None;
  readonly LogSoftmax: None;
  /** Unreduced: scores [N, C], labels int64 [N, 1]. Outputs: loss [N, 1] in nats, log probabilities [N, C]. */
  readonly SoftmaxCrossEntropyLoss: None;

  // Reductions over one axis, which is kept with size 1.
  readonly ReduceSum: { readonly axes: readonly number[] };
  readonly ReduceMean: { readonly axes: readonly number[] };
  /** The sum of squares. */
  readonly ReduceSumSquare: { readonly axes: readonly number[] };
  readonly ArgMax: None;

  /** The input itself, which the gradient takes for a constant. */
  readonly Detach: None;

  // Moving data.
  readonly Reshape: { readonly shape: readonly (number | string)[] };
  readonly Transpose: { readonly perm: readonly number[] };
  readonly Concat: { readonly axis: number };
  /** The first slice of an axis of any size, and the rest. */
  readonly SplitFirst: { readonly axis: number };
  readonly Split: { readonly axis: number; readonly sizes: readonly number[] };
  /** Rows of axis 0 by an index of any shape; an index may repeat. */
  readonly Gather: None;
  /**
   * Rows of a matrix by an index of any shape that is a bijection between the rows that matter, with its inverse, of any
   * shape too, as third input, so that the gradient is again a GatherRows. Rows outside the bijection (padding) must not influence any result. Two more
   * inputs tell of rows that are picked more than once: the further places in the result, int64 [C], and the data's row of
   * each, int64 [C, 1].
   */
  readonly GatherRows: None;
  /** One element of each row of a matrix: data[i, index[i, 0]]. */
  readonly GatherElements: None;
  /** data[i, index[i, 0]] += updates[i, 0]. */
  readonly ScatterElements: None;
  /** data[index[i, 0]] += updates[i], rows of axis 0; an index may repeat. */
  readonly ScatterND: None;
  readonly ZerosLike: None;
  /**
   * The first input, but not before the second has been computed. Nothing that ONNX Runtime optimises sees through it, so
   * that what is computed from the result is computed then.
   */
  readonly After: None;

  /** com.microsoft: rotary position embedding of [1, T, heads x headSize], halves rotated (not interleaved). */
  readonly RotaryEmbedding: { readonly heads: number };
}

export type OpName = keyof OpAttributes;
type None = Readonly<Record<string, never>>;
