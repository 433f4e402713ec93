import type * as vscode from 'vscode';
import { panelState, type PanelState } from '../../server/protocol/messages/panelStates.ts';

const key = 'rankscope.panels';
const most = 20;

type Remembered = Readonly<Record<string, unknown>>;

/**
 * Stores what each panel shows, by its kind and title, newest last. The page also gives its state to the editor,
 * but the editor saves it only now and then: after a reload within seconds of opening a panel, the panel would come
 * back empty.
 */
export async function rememberPanel(memento: vscode.Memento, title: string, state: PanelState): Promise<void> {
  const name = nameOf(state.panel, title);
  const others = Object.entries(memento.get<Remembered>(key, {})).filter(([other]) => other !== name);
  await memento.update(key, Object.fromEntries([...others.slice(1 - most), [name, state]]));
}

/** The last state of a panel of this kind and title. */
export function rememberedPanel(memento: vscode.Memento, panel: string, title: string): PanelState | undefined {
  return panelState.safeParse(memento.get<Remembered>(key, {})[nameOf(panel, title)]).data;
}

const nameOf = (panel: string, title: string): string => `${panel} ${title}`;
