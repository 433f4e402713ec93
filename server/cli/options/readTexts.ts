import { detectFormat } from '../../dataset/detectFormat.ts';
import type { FieldNames } from '../../dataset/example.ts';
import { readExamples } from '../../dataset/readExamples.ts';
import { readText } from '../../dataset/readText.ts';
import { RankscopeError } from '../../protocol/errors.ts';

/**
 * The texts of a file, in order and with repetitions: the lines of a plain list exactly as written (a space at the end
 * is a token to a model), or the texts of a data set. Throws RankscopeError('data').
 */
export async function readTexts(path: string, fields: FieldNames = {}): Promise<readonly string[]> {
  const content = await readText(path);
  if (detectFormat(path, content) !== 'text')
    return (await readExamples(path, { fields })).examples.map(({ text }) => text);
  const lines = content.replace(/^\uFEFF/, '').split(/\r?\n/);
  const texts = lines.filter((line) => line.trim() !== '');
  if (texts.length > 0) return texts;
  const remedy = 'Give a file with at least one text.';
  throw new RankscopeError({ code: 'data', what: 'there are no texts in the file', where: path, remedy });
}
