import * as vscode from 'vscode';
import type { ArmOf } from '../../server/protocol/messages/runsContract.ts';
import type { Host } from '../host/host.ts';
import { completionsUri } from '../completions/completionsUri.ts';
import { commandArgument } from '../pick/commandArgument.ts';
import { pickArm, pickRun } from '../pick/pickRun.ts';
import { showList } from '../pick/showList.ts';

/** The choices that a panel or another caller may already have made. */
interface Given {
  readonly arms?: readonly ArmOf[];
  readonly baseline?: ArmOf;
  readonly left?: ArmOf;
  readonly right?: ArmOf;
  readonly promptIndex?: number;
}

/** Opens a panel with metrics and paired differences of two or more arms, of one run or several. */
export async function compareRanks(host: Host, given: unknown): Promise<void> {
  const { arms, baseline } = (given ?? {}) as Given;
  const chosen = arms ?? (await pickArms(host, commandArgument(given).run));
  const [first] = chosen;
  if (first === undefined) return;
  if (chosen.length < 2) {
    void vscode.window.showInformationMessage(vscode.l10n.t('Two arms or more can be compared.'));
    return;
  }
  host.panels.show({ panel: 'compare', arms: [...chosen], baseline: baseline ?? baselineOf(host, chosen, first) });
}

/** The baseline: the pinned arm where it is compared, else a base, else the first arm. */
function baselineOf(host: Host, arms: readonly ArmOf[], first: ArmOf): ArmOf {
  const pinned = arms.find(({ run, arm }) => host.runs.baseline(run) === arm);
  return pinned ?? arms.find(({ arm }) => arm === 'base') ?? first;
}

async function pickArms(host: Host, run: string | undefined): Promise<readonly ArmOf[]> {
  await host.runs.refresh();
  const runs = host.runs.runs.filter((one) => run === undefined || one.run === run);
  type Item = vscode.QuickPickItem & { readonly of?: ArmOf };
  const items: Item[] = runs.flatMap((one) => [
    { label: one.name, kind: vscode.QuickPickItemKind.Separator },
    ...one.arms.map(({ id }) => ({
      label: id,
      description: one.name,
      picked: run !== undefined,
      of: { run: one.run, arm: id },
    })),
  ]);
  const title = vscode.l10n.t('Compare which arms?');
  const picked = await showList(items, { title, canPickMany: true, matchOnDescription: true });
  return (picked ?? []).flatMap(({ of }) => of ?? []);
}

/** Compares the completions of two arms in VS Code's diff editor. */
export async function diffCompletions(host: Host, given: unknown): Promise<void> {
  const { left, right, promptIndex } = (given ?? {}) as Given;
  const pair = left && right ? { left, right } : await pickPair(host, given);
  if (pair === undefined) return;
  const name = ({ arm }: ArmOf) => arm;
  await vscode.commands.executeCommand(
    'vscode.diff',
    completionsUri({ ...pair.left, ...(promptIndex !== undefined && { promptIndex }) }),
    completionsUri({ ...pair.right, ...(promptIndex !== undefined && { promptIndex }) }),
    vscode.l10n.t('Completions: {0} and {1}', name(pair.left), name(pair.right)),
  );
}

async function pickPair(host: Host, given: unknown): Promise<{ left: ArmOf; right: ArmOf } | undefined> {
  const run = await pickRun(host, given, { title: vscode.l10n.t('Completions of which run?') });
  if (run === undefined) return undefined;
  const { arm } = commandArgument(given);
  const left =
    arm === undefined
      ? await pickArm(host, run, { title: vscode.l10n.t('Left: which arm?') })
      : host.runs.baseline(run);
  if (left === undefined) return undefined;
  const title = vscode.l10n.t('Right: which arm?');
  const right =
    arm !== undefined && arm !== left ? arm : await pickArm(host, run, { title, which: (id) => id !== left });
  return right === undefined ? undefined : { left: { run, arm: left }, right: { run, arm: right } };
}
