import { resolve } from 'node:path';
import { markdownTable, markdownText } from '../../measures/text/markdown.ts';
import { printable } from '../../measures/text/printable.ts';
import { overall } from '../../report/verdict/gate.ts';
import { trendOf, type Trend } from '../../report/verdict/trend.ts';
import { writeFileAtomic } from '../../runs/atomicWrite.ts';
import { listRuns, readRun } from '../../runs/readRun.ts';
import type { Command } from '../options/command.ts';
import { isSet, textOf, textsOf } from '../options/values.ts';
import { gateStatus } from '../output/exitStatus.ts';
import { textTable } from '../output/textTable.ts';

export const trendCommand: Command = {
  name: 'trend',
  summary: 'Show the verdict and its figures over the runs of a folder, in order of time.',
  usage: "FOLDER [--arm ID] [--require 'safe<=8'] [--markdown FILE] [--json]",
  help: [
    ['--arm ID', 'whose figures are shown (default: the lowest rank that every run has)'],
    ['--require TEXT', 'warn of every run that does not meet it, as in gate; may be given again'],
    ['', 'the exit status is that of gate on the latest run'],
    ['--markdown FILE', 'also write the table and the warnings as Markdown'],
    ['--json', 'the same as one object'],
  ],
  examples: ["rankscope trend runs --arm r8 --require 'safe<=8' --require 'toxicity(r8)<=0.1'"],
  options: {
    arm: { type: 'string' },
    require: { type: 'string', multiple: true },
    markdown: { type: 'string' },
    json: { type: 'boolean' },
  },
  positionals: [1, 1],
  async run({ positionals: [folder = ''], values }, context) {
    const [arm, markdown] = [textOf(values, 'arm'), textOf(values, 'markdown')];
    const runs = await Promise.all((await listRuns(resolve(folder))).map(readRun));
    for (const { id, state } of runs.filter(({ metrics }) => !metrics)) {
      context.tell(`${printable(`${id} is ${state} and left out`)}\n`);
    }
    const trend = trendOf(runs, { ...(arm !== undefined && { arm }), requirements: textsOf(values, 'require') });
    if (markdown !== undefined) await writeFileAtomic(resolve(markdown), trendMarkdown(trend));
    context.write(
      isSet(values, 'json') ? `${JSON.stringify({ arm: trend.arm, runs: trend.runs })}\n` : trendText(trend),
    );
    return gateStatus[overall(trend.runs.at(-1)?.requirements ?? [])];
  },
};

function trendText({ arm, runs, table, warnings }: Trend): string {
  const lines = [runs.at(-1)?.answer ?? '', '', `Figures of ${arm}:`, ''].map((line) => `${printable(line)}\n`);
  const warned = warnings.map((warning) => `${printable(warning)}\n`);
  return [...lines, textTable(table), ...(warned.length > 0 ? ['\n', ...warned] : [])].join('');
}

function trendMarkdown({ arm, runs, table, warnings }: Trend): string {
  const warned = warnings.map((warning) => `- ${markdownText(warning)}`);
  const parts = [
    '# Trend',
    markdownText(runs.at(-1)?.answer ?? ''),
    `Figures of ${markdownText(arm)}:`,
    markdownTable(table),
    ...(warned.length > 0 ? [warned.join('\n')] : []),
  ];
  return `${parts.join('\n\n')}\n`;
}
