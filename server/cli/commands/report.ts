import { resolve } from 'node:path';
import { writeFileAtomic } from '../../runs/atomicWrite.ts';
import { readRun } from '../../runs/readRun.ts';
import { reportOf } from '../../report/report.ts';
import { reportHtml } from '../../report/reportHtml.ts';
import { reportMarkdown } from '../../report/reportMarkdown.ts';
import { printable } from '../../measures/text/printable.ts';
import { withoutVerdict } from '../../protocol/run/runVerdict.ts';
import type { Command } from '../options/command.ts';
import { textOf } from '../options/values.ts';

export const reportCommand: Command = {
  name: 'report',
  summary: 'Write the results of a run as one HTML page or as Markdown.',
  usage: 'RUN [--html FILE] [--markdown FILE]',
  help: [
    ['--html FILE', 'write a page that needs no other file and no network'],
    ['--markdown FILE', 'write Markdown; with neither option it goes to standard output'],
  ],
  examples: ['rankscope report runs/first --html report.html', 'rankscope report runs/first | less'],
  options: { html: { type: 'string' }, markdown: { type: 'string' } },
  positionals: [1, 1],
  async run({ positionals: [run = ''], values }, context) {
    const html = textOf(values, 'html');
    const markdown = textOf(values, 'markdown');
    const data = await reportOf(await readRun(run));
    if (html !== undefined) await writeFileAtomic(resolve(html), reportHtml(data));
    if (markdown !== undefined) await writeFileAtomic(resolve(markdown), reportMarkdown(data));
    if (html === undefined && markdown === undefined) context.write(reportMarkdown(data));
    else context.write(`${printable(data.verdict?.answer ?? withoutVerdict)}\n`);
    return 0;
  },
};
