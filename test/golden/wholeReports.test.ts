/**
 * The reports of the golden runs, letter by letter, against the files in reports/. A report that is meant to change is
 * written anew with `UPDATE_REPORTS=1`, and its difference is read before it is committed.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { reportOf } from '../../server/report/report.ts';
import { reportHtml } from '../../server/report/reportHtml.ts';
import { reportMarkdown } from '../../server/report/reportMarkdown.ts';
import { readRun } from '../../server/runs/readRun.ts';
import { goldenClassificationRun, goldenToxicityRun, type GoldenRun } from './goldenRun.ts';

const folder = join(import.meta.dirname, 'reports');

describe('a whole report', () => {
  for (const [name, create] of [
    ['toxicity', goldenToxicityRun],
    ['classification', goldenClassificationRun],
  ] as const) {
    let run: GoldenRun;
    before(async () => {
      run = await create();
    });
    after(() => run.remove());

    for (const [ending, write] of [
      ['html', reportHtml],
      ['md', reportMarkdown],
    ] as const) {
      it(`of the ${name} run is reports/${name}.${ending}`, async () => {
        const text = write(await reportOf(await readRun(run.path))).replaceAll(basename(run.path), 'RUN');
        const file = join(folder, `${name}.${ending}`);
        if (process.env.UPDATE_REPORTS === '1') writeFileSync(file, text);
        assert.equal(text, readFileSync(file, 'utf8'));
      });
    }
  }
});
