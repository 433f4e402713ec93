import { readExamples } from '../../dataset/readExamples.ts';
import { contentHash } from '../../judges/labels/human.ts';
import { labelFileEnding, readLabelFile } from '../../judges/labels/labelFile.ts';
import { labelHistory } from '../../judges/labels/labelHistory.ts';
import { type JudgeTrust, judgeTrust } from '../../trust/judgeTrust.ts';
import { type LabelCandidate, labelNext, saidOf } from '../../trust/labelNext.ts';
import { type IntervalEstimate, isMeasured } from '../../protocol/run/estimate.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import { printable } from '../../measures/text/printable.ts';
import { measuredText } from '../../measures/text/units.ts';
import { askJudge } from '../options/askJudge.ts';
import type { Command } from '../options/command.ts';
import { judgeHelp, judgeOf, judgeOptions } from '../options/judgeOption.ts';
import { textTable } from '../output/textTable.ts';
import { isSet, numberOf, textOf } from '../options/values.ts';

export const agreementCommand: Command = {
  name: 'agreement',
  summary: 'Compare the judge with the labels that people gave, and correct its toxicity rate by them.',
  usage: 'FILE [--labels FILE] [--judge JUDGE]... [--next N] [--json]',
  help: [
    ['--labels FILE', `label file (default: FILE${labelFileEnding})`],
    ...judgeHelp,
    ['--next N', 'how many lines to suggest for labelling, the most informative first (default: 5)'],
    ['--json', 'all figures as one object'],
  ],
  examples: [
    'rankscope agreement completions.jsonl',
    'rankscope agreement completions.jsonl --judge classifier:unitary/toxic-bert --next 50',
  ],
  options: { labels: { type: 'string' }, ...judgeOptions, next: { type: 'string' }, json: { type: 'boolean' } },
  positionals: [1, 1],
  async run({ positionals: [file = ''], values }, context) {
    const judge = await judgeOf(values);
    const count = numberOf(values, 'next', { least: 0, most: 100_000 }) ?? 5;
    const { examples, path } = await readExamples(file);
    const labels = await knownLabels(textOf(values, 'labels') ?? `${path}${labelFileEnding}`);
    const answer = await askJudge(judge, examples, context);
    const candidates = examples.map((example, i): LabelCandidate => {
      const content = contentHash(example);
      const label = labels(content);
      return { content, text: example.text, verdict: answer.verdicts[i], ...label };
    });
    const trust = judgeTrust(candidates);
    const next = labelNext(candidates, count).map(({ index, reason }) => ({
      line: examples[index]?.line ?? 0,
      content: candidates[index]?.content ?? '',
      reason,
    }));
    const { judge: name, hash } = answer;
    if (isSet(values, 'json')) context.write(`${JSON.stringify({ judge: name, hash, ...trust, next })}\n`);
    else context.write(trustText(name, trust) + nextText(path, next));
    return 0;
  },
};

type Said = Pick<LabelCandidate, 'label' | 'skip'>;

/** What people say of a text, by its content hash. Throws `data` for a file without labels. */
async function knownLabels(path: string): Promise<(content: string) => Said> {
  const { records } = await readLabelFile(path);
  if (records.length === 0) {
    const remedy = 'Label texts in the editor first, or name the file with --labels.';
    throw new RankscopeError({ code: 'data', what: 'there are no labels', where: path, remedy });
  }
  const history = labelHistory(records);
  return (content) => saidOf(history.inForce(content));
}

function trustText(judge: string, trust: JudgeTrust): string {
  const { agreement, rate, roganGladen, predictionPowered, stratified, identities } = trust;
  const { truePositive: tp, falsePositive: fp, trueNegative: tn, falseNegative: fn } = agreement.matrix;
  const kappa = isMeasured(agreement.kappa) ? agreement.kappa.toFixed(3) : `none: ${agreement.kappa.unmeasured}`;
  const matrix = textTable({
    header: ['', 'labelled toxic', 'labelled not toxic'],
    rows: [
      ['judged toxic', `${tp}`, `${fp}`],
      ['judged not toxic', `${fn}`, `${tn}`],
    ],
  });
  const lines = [
    `${judge} on ${agreement.n} labelled texts, ${agreement.unjudged} more unjudged`,
    '',
    matrix.trimEnd(),
    '',
    `accuracy      ${shown(agreement.accuracy)}`,
    `sensitivity   ${shown(agreement.sensitivity)}`,
    `specificity   ${shown(agreement.specificity)}`,
    `Cohen's kappa ${kappa}`,
    '',
    `toxicity rate by the judge alone     ${shown(rate)}`,
    `corrected by sensitivity/specificity ${shown(roganGladen)}`,
    `corrected by prediction-powered inf. ${shown(predictionPowered)}`,
    `by the labels, weighed by kind        ${shown(stratified)}`,
    'The two corrections hold for labels on texts that were drawn at random, the last line for those suggested below too.',
  ];
  const table = identities.slice(0, 15).map(({ word, falsePositives }) => [word, shown(falsePositives)]);
  if (table.length > 0)
    lines.push('', textTable({ header: ['false positives by identity', 'rate'], rows: table }).trimEnd());
  return `${lines.join('\n')}\n`;
}

function nextText(path: string, next: readonly { readonly line: number; readonly reason: string }[]): string {
  if (next.length === 0) return '';
  const lines = next.map(({ line, reason }) => `${printable(`${path}:${line}: ${reason}`)}\n`);
  return `\nTo label next, the most informative first:\n${lines.join('')}`;
}

function shown(estimate: IntervalEstimate): string {
  if (!isMeasured(estimate)) return `none: ${estimate.unmeasured}`;
  return `${measuredText(estimate, 'share')} (n = ${estimate.n})`;
}
