import { internal } from '../../protocol/errors.ts';
import type { GradientRule } from './gradientRule.ts';

export const Reshape: GradientRule<'Reshape'> = ({ d, e, input }) => [() => e.Reshape(d(0), ...input(0).shape)];

export const Transpose: GradientRule<'Transpose'> = ({ d, e, node }) => [
  () => {
    const { perm } = node.attributes;
    return e.Transpose(d(0), ...perm.map((_, axis) => perm.indexOf(axis)));
  },
];

/** Each part's gradient is its stretch of dy. */
export const Concat: GradientRule<'Concat'> = ({ d, e, node }) => {
  const { axis } = node.attributes;
  const sizes = node.inputs.map((part) => {
    const size = part?.shape.at(axis);
    if (typeof size !== 'number') throw internal(`${node.name}: parts of dynamic size have no gradient here.`);
    return size;
  });
  return sizes.map((_, i) => () => {
    const part = e.Split(d(0), axis, ...sizes)[i];
    if (!part) throw internal(`${node.name}: part ${i} is missing.`);
    return part;
  });
};

/** A part that does not influence the loss contributes zeros. */
export const Split: GradientRule<'Split'> = ({ d, e, node, output, has }) => [
  () => e.Concat(node.attributes.axis, ...node.outputs.map((_, i) => (has(i) ? d(i) : e.ZerosLike(output(i))))),
];

/** An embedding's gradient touches the rows that were looked up, each as often as it was. */
export const Gather: GradientRule<'Gather'> = ({ d, e, input }) => [
  () => ({ index: e.Reshape(input(1), 'rows', 1), updates: e.Reshape(d(0), 'rows', ...input(0).shape.slice(1)) }),
  undefined,
];

/** Of rows that were picked more than once, the gradients of the further places are added to that of the first. */
export const GatherRows: GradientRule<'GatherRows'> = ({ d, e, input, node }) => [
  () => {
    const first = e.Reshape(e.GatherRows(d(0), input(2), input(1)), ...input(0).shape);
    if (node.inputs.length === 3) return first;
    return e.ScatterND(first, input(4), e.Gather(e.rows(d(0)), input(3)));
  },
  ...node.inputs.slice(1).map(() => undefined),
];

export const GatherElements: GradientRule<'GatherElements'> = ({ d, e, input }) => [
  () => e.ScatterElements(e.ZerosLike(input(0)), input(1), d(0)),
  undefined,
];
