/** The part that `sweep` and `resume` share: follow a run to its end and print its results. */
import type { EngineProcess } from '../../launch/localProcess.ts';
import type { RequestOptions } from '../../protocol/messages/channel.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { RunEvent, RunMetrics } from '../../protocol/run/run.ts';
import { experimentReportOf } from '../../report/experiments/experimentReports.ts';
import { verdictTexts } from '../../report/verdict/verdictSections.ts';
import { printable } from '../../measures/text/printable.ts';
import { withEngine, type CliContext } from '../options/command.ts';
import { someArmsFailed } from './exitStatus.ts';
import { sweepProgress } from './sweepProgress.ts';
import { textTable } from './textTable.ts';

export interface SweepRequest {
  /** The run's folder, for messages. */
  readonly run: string;
  /** Prints events as JSON lines instead of the table. */
  readonly json: boolean;
  readonly ask: (engine: EngineProcess, options: RequestOptions<RunEvent>) => Promise<RunMetrics>;
}

/** Resolves with the exit status: 0, or 1 when an arm has no result. Rejects as the request does. */
export async function followSweep({ run, json, ask }: SweepRequest, context: CliContext): Promise<number> {
  const progress = sweepProgress({ tell: (text) => context.tell(text), columns: context.terminalColumns });
  const onEvent = (event: RunEvent) => {
    if (json) context.write(`${JSON.stringify(event)}\n`);
    else progress.show(event);
  };
  try {
    const metrics = await withEngine(context, (engine) => ask(engine, { onEvent, signal: context.signal }));
    progress.end();
    if (!json) context.write(outcome(run, metrics));
    return metrics.arms.some(({ failure }) => failure !== undefined) ? someArmsFailed : 0;
  } catch (error) {
    progress.end();
    throw asCancelled(error, run);
  }
}

function outcome(run: string, metrics: RunMetrics): string {
  const { arms, notes } = metrics;
  const failed = arms.flatMap(({ id, failure }) => (failure === undefined ? [] : [`${id} has no result: ${failure}`]));
  const remarks = [...failed, ...notes].map((note) => `- ${printable(note)}\n`).join('');
  const next = `Report: rankscope report ${run} --html report.html`;
  return `\n${verdictText(metrics)}${answers(metrics)}\n${remarks}\n${printable(next)}\n`;
}

/** The answer, followed by the reasons for it. */
function verdictText({ verdict }: RunMetrics): string {
  if (!verdict) return '';
  const [answer = '', ...rest] = verdictTexts(verdict);
  return `${printable(answer)}\n${rest.map((line) => `  ${printable(line)}\n`).join('')}\n`;
}

/** The tables that answer the run's question, and what they allow to say. */
function answers(metrics: RunMetrics): string {
  const report = experimentReportOf(metrics);
  const tables = report.printed(metrics).map(({ title, table }) => {
    return title === undefined ? textTable(table) : `${title}:\n\n${textTable(table)}`;
  });
  return `${tables.map((table) => `${table}\n`).join('')}${printable(report.conclusion({ arms: metrics.arms, metrics }))}`;
}

/** Adds to the error of a cancelled run how to resume it. */
function asCancelled(error: unknown, run: string): unknown {
  if (!(error instanceof RankscopeError) || error.code !== 'cancelled') return error;
  return new RankscopeError(
    {
      code: 'cancelled',
      what: 'The sweep was cancelled.',
      where: run,
      remedy: `Go on with it by "rankscope resume ${run}".`,
    },
    { cause: error },
  );
}
