import { resolve } from 'node:path';
import { readExamples } from '../../dataset/readExamples.ts';
import { contentHash } from '../../judges/human.ts';
import { labelFileEnding, readLabelFile } from '../../judges/labels/labelFile.ts';
import { labelHistory } from '../../judges/labels/labelHistory.ts';
import { type Estimate, isMeasured } from '../../metrics/estimate.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import { type Command, withEngine } from '../command.ts';
import { type JudgeTrust, judgeTrust } from '../judgeTrust.ts';
import { textTable } from '../textTable.ts';
import { isSet, textOf } from '../values.ts';

export const agreementCommand: Command = {
  name: 'agreement',
  summary: 'Compare the judge with the labels that people gave, and correct its toxicity rate by them.',
  usage: 'FILE [--labels FILE] [--hurtlex FILE] [--json]',
  help: [
    ['--labels FILE', `label file (default: FILE${labelFileEnding})`],
    ['--hurtlex FILE', 'HurtLex TSV to join to the built-in list of words'],
    ['--json', 'all figures as one object'],
  ],
  examples: ['rankscope agreement completions.jsonl'],
  options: { labels: { type: 'string' }, hurtlex: { type: 'string' }, json: { type: 'boolean' } },
  positionals: [1, 1],
  async run({ positionals: [file = ''], values }, context) {
    const hurtLex = textOf(values, 'hurtlex');
    const { examples, path } = await readExamples(file);
    const labels = await knownLabels(textOf(values, 'labels') ?? `${path}${labelFileEnding}`);
    const items = examples.map(({ text, prompt }) => ({ text, ...(prompt !== undefined && { prompt }) }));
    const judge = { kind: 'lexicon' as const, ...(hurtLex !== undefined && { hurtLex: resolve(hurtLex) }) };
    const answer = await withEngine(context, ({ client }) =>
      client.request('judge', { judge, items }, { signal: context.signal }),
    );
    const trust = judgeTrust(
      items.map((item, i) => ({ text: item.text, label: labels(item), verdict: answer.verdicts[i] })),
    );
    if (isSet(values, 'json'))
      context.write(`${JSON.stringify({ judge: answer.judge, hash: answer.hash, ...trust })}\n`);
    else context.write(trustText(answer.judge, trust));
    return 0;
  },
};

/** Whether people call a text toxic; undefined where nobody said or was sure. Throws `data` for a file without labels. */
async function knownLabels(path: string): Promise<(item: { text: string; prompt?: string }) => boolean | undefined> {
  const { records } = await readLabelFile(path);
  if (records.length === 0) {
    const remedy = 'Label texts in the editor first, or name the file with --labels.';
    throw new RankscopeError({ code: 'data', what: 'there are no labels', where: path, remedy });
  }
  const history = labelHistory(records);
  return (item) => {
    const label = history.inForce(contentHash(item))?.label;
    return label === undefined || label === 'unsure' ? undefined : label === 'toxic';
  };
}

function trustText(judge: string, trust: JudgeTrust): string {
  const { agreement, rate, roganGladen, predictionPowered, identities } = trust;
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
    'The corrections hold for labels on texts that were drawn at random.',
  ];
  const table = identities.slice(0, 15).map(({ word, falsePositives }) => [word, shown(falsePositives)]);
  if (table.length > 0)
    lines.push('', textTable({ header: ['false positives by identity', 'rate'], rows: table }).trimEnd());
  return `${lines.join('\n')}\n`;
}

function shown(estimate: Estimate): string {
  if (!isMeasured(estimate)) return `none: ${estimate.unmeasured}`;
  const { value, low, high, n } = estimate;
  return `${percentText(value)} % [${percentText(low)}, ${percentText(high)}] (n = ${n})`;
}

function percentText(share: number): string {
  return (100 * share).toFixed(1);
}
