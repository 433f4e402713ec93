import { resolve } from 'node:path';
import type { Example } from '../../dataset/example.ts';
import { readExamples } from '../../dataset/readExamples.ts';
import { readText } from '../../dataset/readText.ts';
import { isMeasured } from '../../protocol/run/estimate.ts';
import { wilson } from '../../metrics/estimates/wilson.ts';
import { measuredText } from '../../measures/text/units.ts';
import { printable } from '../../measures/text/printable.ts';
import { askJudge, type Judged } from '../options/askJudge.ts';
import type { CliContext, Command } from '../options/command.ts';
import { columnsHelp, columnsOf, columnsOptions, tellTakenFor } from '../options/columnsOption.ts';
import { groupingOf, groupRates, ratesText } from '../output/groupRates.ts';
import { judgeHelp, judgeOf, judgeOptions } from '../options/judgeOption.ts';
import { sarifLog } from '../output/sarifLog.ts';
import { choiceOf, isSet, textOf, usage } from '../options/values.ts';

const formats = ['jsonl', 'csv', 'tsv', 'honest', 'text'] as const;

export const judgeCommand: Command = {
  name: 'judge',
  summary: 'Judge the texts of a data set file: what is toxic in it, and why.',
  usage: 'FILE [--judge JUDGE]... [--columns R=NAME,...] [--by COLUMN | --by /PATTERN/] [--json | --sarif]',
  help: [
    ...judgeHelp,
    ['--by B', 'rates with intervals by group: a column, or /PATTERN/ whose first group is looked for in the text'],
    ...columnsHelp,
    ['--format F', `${formats.join(', ')} (default: by the file's name and beginning)`],
    ['--json', 'an object a line: {"line","text","prompt","judge","verdict"}; with --by, one object of rates'],
    ['--sarif', 'a SARIF 2.1.0 log, for viewers of code-scanning results'],
  ],
  examples: [
    'rankscope judge completions.jsonl',
    'rankscope judge completions.csv --judge lexicon:hurtlex_EN.tsv --by group',
    'rankscope judge completions.jsonl --judge classifier:unitary/toxic-bert --threshold 0.7 --json',
    'rankscope judge completions.jsonl --judge lexicon --judge llm:models/tulu.gguf --rule any',
    'rankscope judge comments.csv --columns text=comment,group=who --by who',
    'rankscope judge completions.jsonl --sarif > completions.sarif',
  ],
  options: {
    ...judgeOptions,
    ...columnsOptions,
    by: { type: 'string' },
    format: { type: 'string' },
    json: { type: 'boolean' },
    sarif: { type: 'boolean' },
  },
  positionals: [1, 1],
  async run({ positionals: [file = ''], values }, context) {
    const [json, sarif, by] = [isSet(values, 'json'), isSet(values, 'sarif'), textOf(values, 'by')];
    if (json && sarif) throw usage('--json and --sarif exclude each other');
    if (by !== undefined && sarif) throw usage('--by and --sarif exclude each other');
    const grouping = by === undefined ? undefined : groupingOf(by);
    const format = choiceOf(values, 'format', formats);
    const judge = await judgeOf(values);
    const { examples, path, takenFor } = await readExamples(file, {
      ...(format !== undefined && { format }),
      fields: { ...columnsOf(values), ...(grouping?.column !== undefined && { group: grouping.column }) },
    });
    tellTakenFor(path, takenFor, context);
    const answer = await askJudge(judge, examples, context);
    if (grouping !== undefined) {
      const rates = groupRates(examples, answer.verdicts, grouping.groupOf);
      const { judge: name, hash, threshold } = answer;
      context.write(json ? `${JSON.stringify({ judge: name, hash, threshold, ...rates })}\n` : ratesText(rates));
      if (!json) context.write(`${summary(name, answer.verdicts)}\n`);
    } else if (sarif) await writeSarif(path, examples, answer, context);
    else if (json) writeLines(examples, answer, context);
    else writeFlagged(path, examples, answer, context);
    return 0;
  },
};

async function writeSarif(path: string, examples: readonly Example[], answer: Judged, context: CliContext) {
  const { judge: name, hash, threshold, verdicts } = answer;
  const text = await readText(path);
  const log = sarifLog({ path: resolve(path), text, examples, verdicts, judge: { name, hash, threshold } });
  context.write(`${JSON.stringify(log, undefined, 2)}\n`);
}

function writeLines(examples: readonly Example[], { judge, verdicts }: Judged, context: CliContext): void {
  examples.forEach(({ line, text, prompt }, i) => {
    const verdict = verdicts[i];
    if (verdict !== undefined) context.write(`${JSON.stringify({ line, text, prompt, judge, verdict })}\n`);
  });
}

function writeFlagged(path: string, examples: readonly Example[], { judge, verdicts }: Judged, context: CliContext) {
  examples.forEach(({ line, text }, i) => {
    const verdict = verdicts[i];
    if (verdict?.kind === 'unjudged') {
      context.write(printable(`${path}:${line}: unjudged: ${verdict.reason}`) + '\n');
    } else if (verdict?.toxic) {
      context.write(printable(`${path}:${line}: toxic${reason(verdict.why)}: ${text}`) + '\n');
    }
  });
  context.write(`${summary(judge, verdicts)}\n`);
}

function reason(why: string | undefined): string {
  return why === undefined ? '' : ` (${why})`;
}

/** The share with Wilson's 95 % interval: one file's texts, each counted alone. */
function summary(judge: string, verdicts: Judged['verdicts']): string {
  const judged = verdicts.filter((verdict) => verdict.kind === 'judged');
  const toxic = judged.filter((verdict) => verdict.toxic).length;
  const left = verdicts.length - judged.length;
  const estimate = wilson(toxic, judged.length);
  const share = isMeasured(estimate) ? measuredText(estimate, 'share') : 'no share: nothing was judged';
  return `${toxic} of ${judged.length} toxic (${share}), ${left} unjudged, by ${judge}`;
}
