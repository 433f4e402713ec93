import { readExamples } from '../../dataset/readExamples.ts';
import { contentHash } from '../../judges/labels/human.ts';
import { labelFileEnding } from '../../judges/labels/labelFile.ts';
import { type JudgeTrust, judgeTrust } from '../../trust/judgeTrust.ts';
import { type LabelCandidate, labelNext } from '../../trust/labelNext.ts';
import { type IntervalEstimate, isMeasured } from '../../protocol/run/estimate.ts';
import { printable } from '../../measures/text/printable.ts';
import { measuredText } from '../../measures/text/units.ts';
import { askJudge } from '../options/askJudge.ts';
import { columnsHelp, columnsOf, columnsOptions, tellTakenFor } from '../options/columnsOption.ts';
import type { Command } from '../options/command.ts';
import { judgeHelp, judgeOf, judgeOptions } from '../options/judgeOption.ts';
import { labelsOptions, peopleLabels } from '../options/peopleLabels.ts';
import { textTable } from '../output/textTable.ts';
import { isSet, numberOf, textOf } from '../options/values.ts';

export const agreementCommand: Command = {
  name: 'agreement',
  summary: 'Compare the judge with the labels that people gave, and correct its toxicity rate by them.',
  usage: 'FILE [--labels FILE | --columns label=NAME [--toxic VALUES]] [--judge JUDGE]... [--next N] [--json]',
  help: [
    ['--labels FILE', `label file (default: FILE${labelFileEnding}, or the label column where there is none)`],
    ...columnsHelp,
    ['--toxic V,W', 'values of the label column that mean toxic; all others mean that a text is not'],
    ...judgeHelp,
    ['--next N', 'how many lines to suggest for labelling, the most informative first (default: 5)'],
    ['--json', 'all figures as one object'],
  ],
  examples: [
    'rankscope agreement completions.jsonl',
    'rankscope agreement completions.jsonl --judge classifier:unitary/toxic-bert --next 50',
    'rankscope agreement comments.csv --columns text=comment,label=rating --toxic 1',
  ],
  options: {
    ...labelsOptions,
    ...columnsOptions,
    ...judgeOptions,
    next: { type: 'string' },
    json: { type: 'boolean' },
  },
  positionals: [1, 1],
  async run({ positionals: [file = ''], values }, context) {
    const judge = await judgeOf(values);
    const count = numberOf(values, 'next', { least: 0, most: 100_000 }) ?? 5;
    const fields = columnsOf(values);
    const { examples, path, takenFor } = await readExamples(file, { fields });
    tellTakenFor(path, takenFor, context);
    const labelFile = textOf(values, 'labels') ?? `${path}${labelFileEnding}`;
    const { said, source } = await peopleLabels(examples, { path, labelFile, fields }, values);
    context.tell(`labels of people: ${source}\n`);
    const answer = await askJudge(judge, examples, context);
    const candidates = examples.map((example, i): LabelCandidate => {
      const content = contentHash(example);
      const own = said[i] ?? { label: undefined };
      return { content, text: example.text, verdict: answer.verdicts[i], ...own };
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
