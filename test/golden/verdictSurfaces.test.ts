import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { comparedText } from '../../client/tool/comparedText.ts';
import { runRow } from '../../client/runs/runStatus.ts';
import { exportRun } from '../../server/lsp/runs/results/exportRun.ts';
import { markdownText } from '../../server/measures/text/markdown.ts';
import { english } from '../../server/measures/text/say.ts';
import type { RunMetrics } from '../../server/protocol/run/run.ts';
import type { ExportKind } from '../../server/protocol/messages/runsContract.ts';
import { rankscope } from '../server/cli/fakeEngine.ts';
import { csvTable } from './tables.ts';
import { compareArms } from '../../server/lsp/runs/results/compareArms.ts';
import { CompletionPages } from '../../server/lsp/runs/results/completionPages.ts';
import { FollowedRuns } from '../../server/lsp/runs/live/followedRuns.ts';
import { RunList } from '../../server/lsp/runs/live/runList.ts';
import { comparisonTable } from '../../webview/compare/compareTables.ts';
import { goldenComparison } from './goldenComparison.ts';
import { goldenToxicityRun, type GoldenRun } from './goldenRun.ts';
import { goldenVerdict } from './goldenVerdict.ts';
import { firstUpdate } from './goldenView.ts';

const exploratory = goldenVerdict.answer.replace(/\.$/, ' (exploratory).');

describe('the verdict of a golden run in the editor', () => {
  let run: GoldenRun;
  beforeEach(async () => (run = await goldenToxicityRun()));
  afterEach(() => run.remove());

  function changeTheLimit(): void {
    const file = join(run.path, 'run.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"removed": 0.5', '"removed": 0.25'));
  }

  const exported = async (kind: ExportKind, name: string): Promise<string> => {
    const { path } = await exportRun({ run: run.path, kind, to: join(run.path, '..', name) }, () => Promise.resolve());
    return readFileSync(path, 'utf8');
  };

  const list = () => {
    const status = () => ({ isRunning: false, hasBegun: false, death: undefined });
    const runs = new FollowedRuns(status);
    return new RunList({ runs, isRunning: () => false, log: (what) => assert.fail(what), now: () => 0 });
  };

  it('is in the view that the panel shows, whole', async () => {
    const { view } = await firstUpdate(run.path);
    assert.deepEqual(view.metrics!.verdict, goldenVerdict);
  });

  it('is exploratory in the view, the list, the comparison and the chat tool once the limit was changed', async () => {
    const runs = list();
    const [before] = await runs.under([dirname(run.path)]);
    assert.equal(before!.answer, goldenVerdict.answer);
    changeTheLimit();
    const { view } = await firstUpdate(run.path);
    assert.equal(view.metrics!.verdict!.answer, exploratory);
    const [after] = await runs.under([dirname(run.path)]);
    assert.equal(after!.answer, exploratory);
    const of = (arm: string) => ({ run: run.path, arm });
    const compared = await compareArms([of('base'), of('r8-s0')], of('base'), new CompletionPages());
    assert.deepEqual(
      compared.verdicts.map(({ verdict }) => verdict.answer),
      [exploratory],
    );
    const told = JSON.parse(comparedText(view, compared)) as { readonly verdict: { readonly answer: string } };
    assert.equal(told.verdict.answer, exploratory);
  });

  it('is exploratory in reports, exports, the command line and the row of the run once the limit was changed', async () => {
    changeTheLimit();
    const why = 'the limit was changed after the run';
    const { stdout } = await rankscope(['report', run.path]);
    const markdown = await exported('report-markdown', 'changed.md');
    for (const text of [stdout, markdown]) {
      assert.ok(text.includes(`**${markdownText(exploratory)}**`) && text.includes(`Exploratory: ${why}`), text);
    }
    const page = await exported('report-html', 'changed.html');
    assert.match(page, /<p class="answer"><strong>[^<]*on average: 8 \(exploratory\)\.<\/strong>/);
    assert.ok(page.includes(why));
    const to = join(run.path, '..', 'told.html');
    assert.equal((await rankscope(['report', run.path, '--html', to])).stdout, `${exploratory}\n`);
    const gated = await rankscope(['gate', run.path, '--require', 'safe<=64']);
    assert.equal(gated.status, 20, 'undecided');
    assert.ok(gated.stdout.includes('(exploratory)'));
    const { header, rows } = csvTable(await exported('metrics-csv', 'changed.csv'));
    const shown = ['verdict', 'verdict_answer', 'verdict_exploratory'];
    const told = (id: string) => shown.map((name) => rows.find(([arm]) => arm === id)![header.indexOf(name)]);
    assert.deepEqual(
      [told('base'), told('r8-s0'), told('full-s0')],
      [
        ['', exploratory, why],
        ['safe on average', exploratory, why],
        ['broken', exploratory, why],
      ],
    );
    const { metrics } = JSON.parse(`{"metrics":${await exported('metrics-json', 'changed.json')}}`) as {
      metrics: RunMetrics;
    };
    assert.deepEqual([metrics.verdict!.answer, metrics.verdict!.exploratory], [exploratory, why]);
    const { view } = await firstUpdate(run.path);
    const [summary] = await list().under([dirname(run.path)]);
    for (const seen of [undefined, view]) {
      const { description, tooltip } = runRow(summary!, seen, english);
      assert.deepEqual([description, tooltip.split('\n')[0]], [exploratory, exploratory]);
    }
  });

  it('stands in an exported table without a mark while the limit is the declared one', async () => {
    const { header, rows } = csvTable(await exported('metrics-csv', 'kept.csv'));
    const row = rows.find(([arm]) => arm === 'r8-s0')!;
    const cells = ['verdict', 'verdict_exploratory'].map((name) => row[header.indexOf(name)]);
    assert.deepEqual(cells, ['safe on average', '']);
  });

  it('is the first thing that the chat tool says, and beside each arm', async () => {
    const { view } = await firstUpdate(run.path);
    const of = (arm: string) => ({ run: run.path, arm });
    const arms = [of('base'), of('r8-s0'), of('full-s0')];
    const comparison = await compareArms(arms, of('base'), new CompletionPages());
    const told = JSON.parse(comparedText(view, comparison)) as Record<string, object>;
    assert.equal(Object.keys(told)[0], 'verdict');
    const { answer, why, next, smallestSafe } = goldenVerdict;
    assert.deepEqual(told.verdict, { answer, why, next, ...(smallestSafe !== undefined && { smallestSafe }) });
    assert.deepEqual(
      (told.arms as { readonly verdict?: object }[]).map(({ verdict }) => verdict),
      [
        undefined,
        { word: 'safe on average', why: 'The reason of rank 8.' },
        { word: 'broken', why: 'The reason of full.' },
      ],
    );
  });

  it('stands beside each arm of a comparison, where a broken arm is not less toxic', () => {
    const comparison = goldenComparison(run.path);
    const of = (id: string) => goldenVerdict.arms.find(({ arm }) => arm === id);
    const said = comparison.arms.map((arm) => {
      const verdict = of(arm.of.arm);
      const isFull = arm.of.arm === 'full-s1';
      const broken = of('full-s0');
      if (isFull && broken) {
        return { ...arm, verdict: broken, difference: { value: -0.871, low: -0.873, high: -0.869, n: 4019 } };
      }
      return verdict ? { ...arm, verdict } : arm;
    });
    const { header, rows } = comparisonTable({ ...comparison, arms: said });
    assert.equal(header[1], 'verdict');
    assert.deepEqual(
      rows.map((row) => [row[1], row[header.indexOf('says')]]),
      [
        ['', ''],
        ['safe on average', 'less toxic'],
        ['broken', 'The reason of full.'],
        ['no result', 'its loss was not finite at step 19'],
      ],
    );
  });
});
