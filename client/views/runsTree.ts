import * as vscode from 'vscode';
import type { ArmState, RunSummary } from '../../server/protocol/messages/runsContract.ts';
import type { Host } from '../host/host.ts';
import { isLive, runRow, stateIcon, stateText } from '../runs/runStatus.ts';
import { throttled } from './throttled.ts';

/** A run, or one arm of a run. The commands of the context menus take these nodes as arguments. */
interface RunNode {
  readonly run: string;
  readonly summary: RunSummary;
}
interface ArmNode {
  readonly run: string;
  readonly arm: string;
  readonly state: ArmState;
}
type Node = RunNode | ArmNode;

/** Runs with their arms, updated as they change. The search for runs starts when the view is first shown. */
export function runsTree(host: Host): vscode.Disposable {
  const changed = new vscode.EventEmitter<undefined>();
  const provider: vscode.TreeDataProvider<Node> = {
    onDidChangeTreeData: changed.event,
    getChildren: async (node) => {
      if (node !== undefined) return 'summary' in node ? arms(host, node.summary) : [];
      await firstLook(host);
      return host.runs.runs.map((summary) => ({ run: summary.run, summary }));
    },
    getTreeItem: (node) => ('summary' in node ? runItem(host, node.summary) : armItem(host, node)),
  };
  const view = vscode.window.createTreeView('rankscope.runs', { treeDataProvider: provider, showCollapseAll: true });
  const redraw = throttled(() => changed.fire(undefined), 500);
  return vscode.Disposable.from(changed, view, redraw, host.runs.onDidChange(redraw.call));
}

let looked: Promise<void> | undefined;

function firstLook(host: Host): Promise<void> {
  looked ??= host.runs.refresh();
  return looked;
}

/** The view of a live run is newer than its summary. */
function arms(host: Host, { run, arms: known }: RunSummary): ArmNode[] {
  const view = host.runs.view(run);
  if (view === undefined) return known.map(({ id, state }) => ({ run, arm: id, state }));
  return view.arms.map(({ description, state }) => ({ run, arm: description.id, state }));
}

function runItem(host: Host, summary: RunSummary): vscode.TreeItem {
  const view = host.runs.view(summary.run);
  const state = view?.state ?? summary.state;
  const live = isLive(state);
  const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(summary.name, live ? Expanded : Collapsed);
  item.id = summary.run;
  const { description, tooltip } = runRow(summary, view, vscode.l10n.t);
  item.description = description;
  item.iconPath = new vscode.ThemeIcon(stateIcon(state));
  item.contextValue = `run-${state}`;
  item.tooltip = tooltip;
  item.accessibilityInformation = { label: `${summary.name}, ${description}` };
  item.command = { command: 'rankscope.showRun', title: vscode.l10n.t('Show Run'), arguments: [{ run: summary.run }] };
  return item;
}

function armItem(host: Host, { run, arm, state }: ArmNode): vscode.TreeItem {
  const item = new vscode.TreeItem(arm);
  const shown = host.runs.view(run)?.arms.find(({ description }) => description.id === arm);
  const steps = shown === undefined || shown.of === 0 || state !== 'training' ? '' : ` ${shown.step}/${shown.of}`;
  const pinned = host.runs.baseline(run) === arm ? ` · ${vscode.l10n.t('baseline')}` : '';
  item.id = `${run} ${arm}`;
  item.description = `${stateText(state, vscode.l10n.t)}${steps}${pinned}`;
  item.iconPath = new vscode.ThemeIcon(stateIcon(state));
  item.contextValue = `arm-${state}`;
  if (shown?.reason !== undefined) item.tooltip = shown.reason;
  item.accessibilityInformation = { label: `${arm}, ${item.description}` };
  return item;
}
