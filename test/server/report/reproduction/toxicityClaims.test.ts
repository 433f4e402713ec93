import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { reproduction } from '../../../../server/report/reproduction.ts';
import { reportOf } from '../../../../server/report/report.ts';
import { reportMarkdown } from '../../../../server/report/reportMarkdown.ts';
import type { SweepFolder } from '../../experiments/sweepFolder.ts';
import { certify, reproducedRun } from './reproducedRun.ts';

describe("the paper's claims about toxicity and divergence", () => {
  const folders: SweepFolder[] = [];
  afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

  async function finished(item: 'figure2' | 'figure6', cleanAfter: Record<string, number>) {
    const folder = await reproducedRun({ item, cleanAfter });
    folders.push(folder);
    return folder.stored;
  }
  const verdicts = async (run: Awaited<ReturnType<typeof finished>>) =>
    (await reproduction(run))?.claims.map(({ verdict }) => verdict);

  it('are seen where the lowest rank keeps what full fine-tuning removes', async () => {
    const run = await finished('figure2', { r2: 99, r8: 2, full: 2 });
    assert.deepEqual(await verdicts(run), ['seen', 'seen', 'seen']);
    const [first, second, third] = (await reproduction(run))?.claims ?? [];
    assert.match(first?.because ?? '', /^r2 minus full: \+100\.0 points \[\+\d+\.\d, \+\d+\.\d\]\.$/);
    assert.match(second?.because ?? '', /^r2 minus half-way from full to base: \+50\.0 points \[/);
    assert.match(third?.because ?? '', /^Full minus half of base: -50\.0 points \[/);
    assert.match(reportMarkdown(await reportOf(run)), /\| Low ranks keep toxicity .* \| seen \|/);
  });

  it('are not seen where the lowest rank removes as much: it keeps less than half, and does not differ from full', async () => {
    const run = await finished('figure2', { r2: 2, r8: 2, full: 2 });
    assert.deepEqual(await verdicts(run), ['undecided', 'not seen', 'seen']);
  });

  it('cannot be seen where full fine-tuning removes nothing', async () => {
    const run = await finished('figure2', { r2: 2, r8: 2, full: 99 });
    assert.deepEqual(await verdicts(run), ['undecided', 'undecided', 'undecided']);
    const [first] = (await reproduction(run))?.claims ?? [];
    assert.match(
      first?.because ?? '',
      /^Nothing can be seen here, since full fine-tuning is not shown to be less toxic than the base \(0\.0 points/,
    );
  });

  it('cannot be decided in a run of an earlier version, which is reported all the same', async () => {
    const run = await finished('figure2', { r2: 99, r8: 2, full: 2 });
    rmSync(run.folder.stage('prompts'));
    const found = await reproduction(run);
    assert.deepEqual(found?.claims, []);
    const why = 'The claims cannot be decided: the run has not stored which sentence its prompts come from.';
    assert.equal(found.differences[0], why);
    assert.ok(reportMarkdown(await reportOf(run)).includes(why));
  });

  it('of figure 6 are decided by distances paired by prompt', async () => {
    const run = await finished('figure6', { r2: 99, r8: 2, full: 2 });
    /** Prompts differ much, arms by so much on each of them. */
    const write = (arm: string, more: number, at: readonly (number | null)[] = []) =>
      writeFileSync(
        run.folder.armLines(arm, 'divergence'),
        certify
          .map((_, i) => ({ promptIndex: i, kl: (i % 8) + more, ...(at.length > 0 && { klAt: at }) }))
          .map((line) => `${JSON.stringify(line)}\n`)
          .join(''),
      );
    write('r2', 0.1);
    write('r8', 0.2);
    write('full', 0.3);
    assert.deepEqual(await verdicts(run), ['seen', 'seen']);
    const because = async () => ((await reproduction(run))?.claims ?? []).map((claim) => claim.because);
    assert.match((await because())[0] ?? '', /^r8 minus r2, nats: 0\.1 \[/);
    write('r2', 0.4);
    assert.deepEqual(await verdicts(run), ['not seen', 'not seen']);
    write('full', 0.3, [0.5, null]);
    assert.equal((await verdicts(run))?.[1], 'undecided');
    assert.match((await because())[1] ?? '', /r2 not measured: an arm excludes what the base allows, on 32 prompts/);
  });
});
