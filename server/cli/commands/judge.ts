import { resolve } from 'node:path';
import { readExamples, readText } from '../../dataset/readExamples.ts';
import { isMeasured } from '../../metrics/estimate.ts';
import { wilson } from '../../metrics/wilson.ts';
import { percent } from '../../runs/armTable.ts';
import { printable } from '../../runs/printable.ts';
import { withEngine, type Command } from '../command.ts';
import { sarifLog } from '../sarifLog.ts';
import { isSet, textOf, usage } from '../values.ts';

export const judgeCommand: Command = {
  name: 'judge',
  summary: 'Judge the texts of a data set file: what is toxic in it, and why.',
  usage: 'FILE [--hurtlex FILE] [--json | --sarif]',
  help: [
    ['--hurtlex FILE', 'HurtLex TSV to join to the built-in list of words'],
    ['--json', 'an object a line: {"line","text","prompt","judge","verdict"}'],
    ['--sarif', 'a SARIF 2.1.0 log, for viewers of code-scanning results'],
  ],
  examples: [
    'rankscope judge completions.jsonl',
    'rankscope judge completions.csv --hurtlex hurtlex_EN.tsv --json',
    'rankscope judge completions.jsonl --sarif > completions.sarif',
  ],
  options: { hurtlex: { type: 'string' }, json: { type: 'boolean' }, sarif: { type: 'boolean' } },
  positionals: [1, 1],
  async run({ positionals: [file = ''], values }, context) {
    if (isSet(values, 'json') && isSet(values, 'sarif')) throw usage('--json and --sarif exclude each other');
    const hurtLex = textOf(values, 'hurtlex');
    const { examples, path } = await readExamples(file);
    const items = examples.map(({ text, prompt }) => ({ text, ...(prompt !== undefined && { prompt }) }));
    const judge = { kind: 'lexicon' as const, ...(hurtLex !== undefined && { hurtLex: resolve(hurtLex) }) };
    const answer = await withEngine(context, ({ client }) =>
      client.request('judge', { judge, items }, { signal: context.signal }),
    );
    if (isSet(values, 'sarif')) {
      const { judge: name, hash, threshold, verdicts } = answer;
      const text = await readText(path);
      const log = sarifLog({ path: resolve(path), text, examples, verdicts, judge: { name, hash, threshold } });
      context.write(`${JSON.stringify(log, undefined, 2)}\n`);
      return 0;
    }
    examples.forEach(({ line, text, prompt }, i) => {
      const verdict = answer.verdicts[i];
      if (verdict === undefined) return;
      if (isSet(values, 'json'))
        context.write(`${JSON.stringify({ line, text, prompt, judge: answer.judge, verdict })}\n`);
      else if (verdict.kind === 'unjudged')
        context.write(printable(`${path}:${line}: unjudged: ${verdict.reason}`) + '\n');
      else if (verdict.toxic) context.write(printable(`${path}:${line}: toxic${reason(verdict.why)}: ${text}`) + '\n');
    });
    if (!isSet(values, 'json')) context.write(`${summary(answer.judge, answer.verdicts)}\n`);
    return 0;
  },
};

function reason(why: string | undefined): string {
  return why === undefined ? '' : ` (${why})`;
}

type Verdicts = readonly ({ readonly kind: 'judged'; readonly toxic: boolean } | { readonly kind: 'unjudged' })[];

/** The share with Wilson's 95 % interval: one file's texts, each counted alone. */
function summary(judge: string, verdicts: Verdicts): string {
  const judged = verdicts.filter((verdict) => verdict.kind === 'judged');
  const toxic = judged.filter((verdict) => verdict.toxic).length;
  const left = verdicts.length - judged.length;
  const estimate = wilson(toxic, judged.length);
  const share = isMeasured(estimate)
    ? `${percent(estimate.value)} [${(estimate.low * 100).toFixed(1)}, ${(estimate.high * 100).toFixed(1)}]`
    : 'no share: nothing was judged';
  return `${toxic} of ${judged.length} toxic (${share}), ${left} unjudged, by ${judge}`;
}
