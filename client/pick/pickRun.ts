import * as vscode from 'vscode';
import type { RunSummary } from '../../server/protocol/messages/runsContract.ts';
import type { Host } from '../host/host.ts';
import { stateIcon, stateText } from '../runs/runStatus.ts';
import { commandArgument } from './commandArgument.ts';
import { showList } from './showList.ts';

interface Wanted {
  readonly title: string;
  /** The runs that can be chosen. The default is all. */
  readonly which?: (run: RunSummary) => boolean;
}

/**
 * The run that a command works on: the given one, that of the active panel, the only one, or the one that the
 * person picks. Undefined where the person picks none. Shows a message where there is no run.
 */
export async function pickRun(host: Host, given: unknown, { title, which }: Wanted): Promise<string | undefined> {
  const { run } = commandArgument(given);
  if (run !== undefined) return run;
  await host.runs.refresh();
  const able = host.runs.runs.filter(which ?? (() => true));
  const front = host.panels.active;
  if (front !== undefined && 'run' in front && able.some((one) => one.run === front.run)) return front.run;
  if (able.length <= 1) {
    if (able.length === 0) void vscode.window.showInformationMessage(vscode.l10n.t('There is no run for this.'));
    return able[0]?.run;
  }
  const items = able.map((one) => ({
    label: `$(${stateIcon(one.state)}) ${one.name}`,
    description: stateText(one.state, vscode.l10n.t),
    detail: `${one.created} · ${one.model}`,
    run: one.run,
  }));
  return (await showList(items, { title, matchOnDetail: true }))?.run;
}

/** An arm of a run: the given one, or the one that the person picks. */
export async function pickArm(
  host: Host,
  run: string,
  { title, which }: { readonly title: string; readonly which?: (id: string) => boolean },
): Promise<string | undefined> {
  const view = await host.runs.look(run);
  const items = (view?.arms ?? [])
    .filter(({ description }) => which?.(description.id) ?? true)
    .map(({ description, state }) => ({
      label: description.id,
      description: stateText(state, vscode.l10n.t),
    }));
  return (await showList(items, { title }))?.label;
}
