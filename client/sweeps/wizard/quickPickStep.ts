import * as vscode from 'vscode';
import type { Answer } from './steps.ts';

export interface Choice<V> extends vscode.QuickPickItem {
  readonly value: V;
}

interface Asked<V> {
  readonly title: string;
  readonly place: { readonly step: number; readonly steps: number };
  readonly placeholder: string;
  readonly items: readonly Choice<V>[];
  /** Items that become known later. They are added when they arrive. */
  readonly later?: Promise<readonly Choice<V>[]>;
  /** Whether several items can be chosen. Items with `picked` are selected at first. */
  readonly several?: boolean;
}

/** One step of a quick pick with several steps. `next` holds the chosen values. */
export function quickPickStep<V>(asked: Asked<V>): Promise<Answer<readonly V[]>> {
  const pick = vscode.window.createQuickPick<Choice<V>>();
  pick.title = asked.title;
  pick.step = asked.place.step;
  pick.totalSteps = asked.place.steps;
  pick.placeholder = asked.placeholder;
  pick.canSelectMany = asked.several === true;
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.ignoreFocusOut = true;
  pick.items = asked.items;
  pick.selectedItems = asked.items.filter(({ picked }) => picked === true);
  if (asked.place.step > 1) pick.buttons = [vscode.QuickInputButtons.Back];
  if (asked.later !== undefined) addLater(pick, asked.later);
  return new Promise((resolve) => {
    const settle = (answer: Answer<readonly V[]>) => {
      resolve(answer);
      pick.dispose();
    };
    pick.onDidTriggerButton(() => settle('back'));
    pick.onDidHide(() => settle('leave'));
    pick.onDidAccept(() => {
      if (pick.selectedItems.length > 0) settle({ next: pick.selectedItems.map(({ value }) => value) });
    });
    pick.show();
  });
}

function addLater<V>(pick: vscode.QuickPick<Choice<V>>, later: Promise<readonly Choice<V>[]>): void {
  pick.busy = true;
  later
    .then((items) => (pick.items = [...pick.items, ...items]))
    .catch(() => undefined)
    .finally(() => (pick.busy = false));
}
