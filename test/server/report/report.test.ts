import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRun } from '../../../server/runs/readRun.ts';
import { reportData, type ReportData } from '../../../server/report/reportData.ts';
import { reportHtml } from '../../../server/report/reportHtml.ts';
import { reportMarkdown } from '../../../server/report/reportMarkdown.ts';
import { rankscope } from '../cli/fakeEngine.ts';
import { sampleArm, sampleMetrics } from '../runs/sampleRun.ts';
import { hostile, reportRun, type RunOptions, type TestRun } from './reportRun.ts';

describe('the report of a run', () => {
  const runs: TestRun[] = [];
  const report = async (options: RunOptions = {}): Promise<ReportData> => {
    const run = await reportRun(options);
    runs.push(run);
    return reportData(await readRun(run.path));
  };
  afterEach(() => runs.splice(0).forEach((run) => run.remove()));

  it('counts a step that was trained again as it was trained last', async () => {
    const { curves } = await report();
    const loss = curves.find(({ title }) => title === 'Training loss');
    assert.deepEqual(
      loss?.series.map(({ label, x, y }) => [label, x, y]),
      [['r2', [1, 2], [3, 1.5]]],
    );
  });

  it('shows ten prompts, evenly spaced, the first sample of each, with what every arm made of it', async () => {
    const { prompts, promptCount } = await report();
    assert.equal(promptCount, 25);
    assert.deepEqual(
      prompts.map(({ prompt }) => prompt),
      [0, 3, 5, 8, 11, 13, 16, 19, 21, 24].map((i) => `a text ${i}`),
    );
    assert.deepEqual(
      prompts[1]?.answers.map(({ arm }) => arm),
      ['base', 'r2'],
    );
    assert.deepEqual(prompts[0]?.answers[0]?.judgement, { unjudged: 'a text' });
    assert.equal(prompts[1].answers[0]?.judgement, 'toxic');
  });

  it('tells an unfinished run as such, with the arms measured so far', async () => {
    const data = await report({ finished: false });
    assert.deepEqual(
      data.arms.map(({ id }) => id),
      ['base'],
    );
    assert.match(data.notes[0] ?? '', /interrupted, not finished/);
    assert.match(reportHtml(data), /interrupted, not finished/);
  });

  it('calls full fine-tuning the reference where ranks are compared with it, and a chart whose axis repeats its title by one', async () => {
    const difference = { value: 0.1, low: 0, high: 0.2 };
    const arms = [
      sampleArm({ id: 'r2', method: 'lora', rank: 2, toxicityVersus: [{ reference: 'full', difference }] }),
      sampleArm({ id: 'full', method: 'full', toxicityVersus: [] }),
    ];
    const markdown = reportMarkdown(await report({ metrics: { ...sampleMetrics, arms } }));
    assert.match(markdown, /\| r2 \|.*\+10\.0 \\\[0\.0, \+20\.0\\\]/);
    assert.match(markdown, /\| full \|.*is the reference/);
    assert.match(markdown, /^## Learning rate$/m);
  });

  it('never shows what was not measured as a number', async () => {
    const markdown = reportMarkdown(await report());
    assert.match(markdown, /\| full \| not measured: no completion could be judged \| not measured \| 0 \| 3 \|/);
  });
});

describe('the HTML report', () => {
  let run: TestRun;
  let page: string;
  before(async () => {
    run = await reportRun({ text: hostile });
    page = reportHtml(await reportData(await readRun(run.path)));
  });
  after(() => run.remove());

  /** Every tag of the page, outside the style sheet. */
  const tags = (): string[] => page.replace(/<style>[^]*?<\/style>/, '').match(/<[^>]*>/g) ?? [];

  it('shows hostile text as text: no element and no attribute comes from it', () => {
    const allowed =
      /^<(!doctype html|\/?(html|head|body|title|style|section|h1|h2|p|ul|li|div|table|thead|tbody|tr|th|td|details|summary|svg|g|rect|path|polyline|text)\b[^<]*|meta [^<]*)>$/;
    for (const tag of tags()) {
      assert.match(tag, allowed);
      assert.doesNotMatch(tag, /\son\w+\s*=/i, tag);
    }
    assert.ok(page.includes('&#60;img src=x onerror=alert(1)&#62;&#34;&#39;&#62;&#60;script&#62;'));
  });

  it('holds hostile text in every place: title, notes, failure, prompts, completions, reasons, provenance', () => {
    const escaped = page.split('&#60;img').length - 1;
    assert.ok(escaped >= 2 + 1 + 1 + 10 + 20 + 2, String(escaped));
  });

  it('names only what it needs in its policy: its own style sheet, by hash', () => {
    const style = /<style>([^]*?)<\/style>/.exec(page)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replace(/&#39;/g, "'");
    assert.equal(policy, `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`);
  });

  it('refers to nothing outside itself', () => {
    for (const tag of tags()) assert.doesNotMatch(tag, /\s(src|href|style|action|srcset|xlink:href)\s*=/i, tag);
    assert.doesNotMatch(page, /@import|url\(/);
  });

  it('has a table behind each figure', () => {
    assert.equal(page.match(/<svg viewBox="0 0 760/g)?.length, 8);
    assert.equal(page.match(/<summary>The numbers<\/summary>/g)?.length, 8);
  });
});

describe('the Markdown report', () => {
  let run: TestRun;
  const text = `a|b\n# c <img src=x onerror=alert(1)> [d](http://e.org) *f* \`g\` www.h.org \u001b[31m \u202eabc`;
  before(async () => {
    run = await reportRun({ text });
  });
  after(() => run.remove());

  it('shows hostile text as text: no HTML, no link, no row or cell of its own', async () => {
    const markdown = reportMarkdown(await reportData(await readRun(run.path)));
    assert.doesNotMatch(markdown, /</);
    assert.doesNotMatch(markdown, /https?:\/\/|www\./);
    assert.ok(!markdown.includes('\u001b') && !markdown.includes('\u202e'));
    assert.ok(!/(?<!\\)[[`]/.test(markdown), 'every bracket and backtick is escaped');
    const rows = markdown.split('\n').filter((line) => line.startsWith('| base |'));
    assert.equal(rows.length, 11);
    for (const row of rows.slice(1)) assert.equal(row.match(/(?<!\\)\|/g)?.length, 4, row);
  });
});

describe('rankscope report and export', () => {
  let run: TestRun;
  before(async () => {
    run = await reportRun();
  });
  after(() => run.remove());

  it('writes the files asked for, or Markdown to standard output', async () => {
    const html = join(run.path, '..', 'r.html');
    const markdown = join(run.path, '..', 'r.md');
    const written = await rankscope(['report', run.path, '--html', html, '--markdown', markdown]);
    assert.equal(written.status, 0);
    assert.match(written.stdout, /^No verdict: this run was begun by a version that did not declare/);
    assert.match(readFileSync(html, 'utf8'), /^<!doctype html>/);
    assert.equal((await rankscope(['report', run.path])).stdout, readFileSync(markdown, 'utf8'));
  });

  it('says where there is no run', async () => {
    const { status, stderr } = await rankscope(['report', join(run.path, 'nowhere')]);
    assert.equal(status, 13);
    assert.match(stderr, /nowhere: there is no run here: run\.json is missing\./);
  });

  it('refuses to export the base, an unknown arm and an arm without weights', async () => {
    const out = join(run.path, '..', 'out');
    const ask = (arm: string) => rankscope(['export', run.path, '--arm', arm, '--out', out]);
    assert.match((await ask('base')).stderr, /no trained arm "base"\. The trained arms are r2, full\./);
    assert.equal((await ask('../..')).status, 2);
    assert.equal((await ask('r2')).status, 13);
    assert.ok(!existsSync(out));
  });
});
