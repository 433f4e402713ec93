import * as vscode from 'vscode';
import type { ArmOf, RunSummary, RunView } from '../../server/protocol/messages/runsContract.ts';
import { RankscopeError } from '../../server/protocol/errors.ts';
import type { Host } from '../host/host.ts';
import { comparedText } from './comparedText.ts';

interface Input {
  readonly run?: string;
  readonly arms?: readonly string[];
  readonly baseline?: string;
}

/** `rankscope_compare` lets a chat model read results. It reads the files of runs on this disk and starts nothing. */
export function compareTool(host: Host): vscode.Disposable {
  return vscode.lm.registerTool<Input>('rankscope_compare', {
    prepareInvocation: () => ({ invocationMessage: vscode.l10n.t('Reading the results of a sweep') }),
    invoke: async ({ input }) => {
      const text = await compared(host, input);
      return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
    },
  });
}

async function compared(host: Host, { run: named, arms, baseline }: Input): Promise<string> {
  await host.runs.refresh();
  const { run } = runNamed(host.runs.runs, named);
  const view = await host.runs.look(run);
  if (view === undefined) throw missing(`the run ${run} cannot be read`);
  const chosen = armsOf(view, arms).map((arm): ArmOf => ({ run, arm }));
  const [first] = chosen;
  if (first === undefined || chosen.length < 2) throw missing('two arms or more can be compared');
  const reference = baseline === undefined ? chosen.find(({ arm }) => arm === 'base') : { run, arm: baseline };
  const comparison = await host.server.request('compare', { arms: chosen, baseline: reference ?? first });
  return comparedText(view, comparison);
}

function runNamed(runs: readonly RunSummary[], named: string | undefined): RunSummary {
  const fits = ({ run, name }: RunSummary) =>
    named === undefined || run === named || name === named || run.endsWith(named);
  const found = runs.find((one) => one.state === 'finished' && fits(one)) ?? runs.find(fits);
  if (found !== undefined) return found;
  const known = runs.map(({ name }) => name).join(', ');
  throw missing(named === undefined ? 'there is no run here' : `no run is called ${named}; there are: ${known}`);
}

function armsOf({ arms }: RunView, wanted: readonly string[] | undefined): readonly string[] {
  const known = arms.map(({ description }) => description.id);
  const unknown = (wanted ?? []).find((arm) => !known.includes(arm));
  if (unknown !== undefined) throw missing(`no arm is called ${unknown}; there are: ${known.join(', ')}`);
  return wanted ?? known;
}

function missing(what: string): RankscopeError {
  return new RankscopeError({ code: 'usage', what });
}
