/** What people say of the texts of a file: in its label file, or in a column of its own. */
import type { Example, FieldNames } from '../../dataset/example.ts';
import { labelMeaning } from '../../dataset/shapes.ts';
import { contentHash } from '../../judges/labels/human.ts';
import { readLabelFile } from '../../judges/labels/labelFile.ts';
import { labelHistory } from '../../judges/labels/labelHistory.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import { type LabelCandidate, saidOf } from '../../trust/labelNext.ts';
import type { Values } from './command.ts';
import { textOf } from './values.ts';

type Said = Pick<LabelCandidate, 'label' | 'skip'>;

export interface PeopleLabels {
  /** Of each example, in order. */
  readonly said: readonly Said[];
  /** Where they come from, as the end of a sentence. */
  readonly source: string;
}

export const labelsOptions = { labels: { type: 'string' }, toxic: { type: 'string' } } as const;

export interface LabelPlace {
  readonly path: string;
  readonly labelFile: string;
  readonly fields: FieldNames;
}

/**
 * The labels of the label file, where it has any and no column is named; else those of the label column or field, read as the
 * authors of the data set mean them, or by `--toxic`. Throws RankscopeError('data') where there are none, and for labels of which
 * it is not plain what they mean.
 */
export async function peopleLabels(
  examples: readonly Example[],
  place: LabelPlace,
  values: Values,
): Promise<PeopleLabels> {
  const toxic = textOf(values, 'toxic')
    ?.split(',')
    .map((value) => value.trim());
  const isNamed = toxic !== undefined || place.fields.label !== undefined;
  const { records } = isNamed ? { records: [] } : await readLabelFile(place.labelFile);
  if (records.length > 0) {
    const history = labelHistory(records);
    return { said: examples.map((example) => saidOf(history.inForce(contentHash(example)))), source: place.labelFile };
  }
  const hasLabels = examples.some(({ label }) => label !== undefined && label.trim() !== '');
  if (!hasLabels) throw noLabels(place.labelFile);
  return { said: examples.map((example) => columnLabel(example, place, toxic)), source: columnText(examples, place) };
}

function columnText(examples: readonly Example[], { fields }: LabelPlace): string {
  return `the column ${JSON.stringify(fields.label ?? examples[0]?.shape?.label ?? 'label')}`;
}

function columnLabel(example: Example, { path, fields }: LabelPlace, toxic: readonly string[] | undefined): Said {
  const { label = '', shape, line } = example;
  const written = label.trim();
  if (written === '') return { label: undefined };
  if (toxic) return { label: toxic.includes(written) };
  const means = labelMeaning(shape, fields.label)(label);
  // What the authors of a published data set leave open, nobody said.
  const isPublished = shape !== undefined && shape.isGeneral !== true && fields.label === undefined;
  if (means !== undefined || isPublished) return { label: means };
  throw new RankscopeError({
    code: 'data',
    what: `the label ${JSON.stringify(label)} does not say by itself whether the text is toxic`,
    where: `${path}:${line}`,
    remedy:
      'Name the values that mean toxic, all others meaning that a text is not: --toxic 1,hate. Another column: --columns label=NAME.',
  });
}

function noLabels(where: string): RankscopeError {
  const remedy =
    'Label texts in the editor first, name the file with --labels, or the column of labels with --columns label=NAME.';
  return new RankscopeError({ code: 'data', what: 'there are no labels', where, remedy });
}
