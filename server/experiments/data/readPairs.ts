import type { Example, FieldNames } from '../../dataset/example.ts';
import { readExamples } from '../../dataset/readExamples.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { Pair } from '../ports/modelPort.ts';

/**
 * Pairs of prompt and completion of a data set; what is not to be learnt is left out: rejected answers, those that KTO
 * labels `false`, and of a chat all answers before its last, which are turns of its one pair. Throws RankscopeError('data')
 * for a line without a prompt, and for a chat with messages that are no texts.
 */
export async function readPairs({
  file,
  limit,
  columns,
}: {
  readonly file: string;
  readonly limit?: number | undefined;
  readonly columns?: FieldNames;
}): Promise<readonly Pair[]> {
  const { examples, format } = await readExamples(file, columns ? { fields: columns } : {});
  const flagged = format === 'jsonl' ? undefined : examples.find(isFlagged);
  if (flagged) throw unclearFlag(`${file}:${flagged.line}`, flagged.label);
  const pairs = examples.flatMap((example) => (isUnwanted(example) ? [] : [pairOf(example, file)]));
  if (pairs.length > 0) return limit === undefined ? pairs : pairs.slice(0, limit);
  throw new RankscopeError({
    code: 'data',
    what: 'every answer of the file is rejected, or labelled false',
    where: file,
    remedy: 'Give pairs whose completions are to be learnt.',
  });
}

/** A rejected answer, one that KTO's boolean label calls undesirable, or an earlier turn of a chat. */
const isUnwanted = ({ side, label, isEarlierTurn }: Example): boolean =>
  isEarlierTurn === true || side === 'rejected' || label?.toLowerCase() === 'false';

const isFlagged = ({ label }: Example): boolean => /^(true|false)$/i.test(label ?? '');

/** In a table such a column may as well say which completions are toxic. */
function unclearFlag(where: string, label: string | undefined): RankscopeError {
  return new RankscopeError({
    code: 'data',
    what: `the pair is labelled ${JSON.stringify(label)}, and it is not plain whether it is to be learnt`,
    where,
    remedy: 'Leave out the rows that are not to be learnt, and the column.',
  });
}

function pairOf({ prompt, promptMessages, turns, text, line }: Example, file: string): Pair {
  const question = turns?.findLast(({ role }) => role === 'user')?.content;
  if (turns && question !== undefined) return { prompt: question, completion: text, turns };
  if (promptMessages !== undefined) {
    throw new RankscopeError({
      code: 'data',
      what: `the prompt is a conversation of ${promptMessages} messages, of which one has a role or content that is not read`,
      where: `${file}:${line}`,
      remedy:
        'Give messages of the roles "system", "user" and "assistant", each with a text, the user\'s before the answer.',
    });
  }
  if (prompt !== undefined) return { prompt, completion: text };
  throw new RankscopeError({
    code: 'data',
    what: 'the line has no prompt',
    where: `${file}:${line}`,
    remedy: 'Write {"prompt": "...", "completion": "..."} a line.',
  });
}
