import { resolve } from 'node:path';
import type { Params } from '../../../protocol/messages/channel.ts';
import { RankscopeError } from '../../../protocol/errors.ts';
import type { RunsContract } from '../../../protocol/messages/runsContract.ts';
import { writeFileAtomic } from '../../../runs/atomicWrite.ts';
import { systemCode, diskError } from '../../../runs/diskError.ts';
import { exportArm } from '../../../runs/exports/exportArm.ts';
import { metricsCsv } from '../../../measures/catalogue/metricsCsv.ts';
import { readRun } from '../../../runs/readRun.ts';
import { reportOf, type Report } from '../../../report/report.ts';
import { reportHtml } from '../../../report/reportHtml.ts';
import { reportMarkdown } from '../../../report/reportMarkdown.ts';
import { runFolder } from '../../../runs/runFolder.ts';
import { stat } from 'node:fs/promises';

type Exported = Params<RunsContract, 'run.export'>;

/** The kinds of export that write one file from a run's results. */
const documents: Readonly<Partial<Record<Exported['kind'], (data: Report) => string>>> = {
  'report-html': reportHtml,
  'report-markdown': reportMarkdown,
  'metrics-csv': ({ arms, verdict }) => metricsCsv(arms, { verdict }),
  'metrics-json': ({ run, arms, notes }) =>
    `${JSON.stringify(run.metrics ?? { state: run.state, arms, notes }, null, 2)}\n`,
};

/**
 * Writes one export of a run to a new file or folder. `merge` writes an arm's merged weights. Throws
 * RankscopeError: `usage` where an arm is missing, `disk` where something stands at `to`.
 */
export async function exportRun(
  { run, kind, arm, to }: Exported,
  merge: (run: string, arm: string, to: string) => Promise<void>,
): Promise<{ path: string }> {
  const path = resolve(to);
  const written = documents[kind];
  if (written !== undefined) {
    await assertNothingAt(path);
    await writeFileAtomic(path, written(await reportOf(await readRun(run))));
    return { path };
  }
  if (arm === undefined) {
    throw new RankscopeError({ code: 'usage', what: `An export of kind "${kind}" needs an arm.`, where: run });
  }
  if (kind === 'adapter') await exportArm(runFolder(run), arm, path);
  else await merge(run, arm, path);
  return { path };
}

async function assertNothingAt(path: string): Promise<void> {
  try {
    await stat(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw diskError(error, path);
  }
  throw new RankscopeError({
    code: 'disk',
    what: 'There is a file already.',
    where: path,
    remedy: 'Choose another name, or move it away first.',
  });
}
