/** The start of every panel: open the channel, request the state and the language, then show the panel. */
import { openExtension } from './channel.ts';
import type { Client } from '../../server/protocol/messages/channel.ts';
import { internal } from '../../server/protocol/errors.ts';
import type { PanelContract } from '../../server/protocol/messages/panelContract.ts';
import type { PanelName, PanelState, StateOf } from '../../server/protocol/messages/panelStates.ts';
import { element } from './dom.ts';
import type { Frames } from './frames.ts';
import { notices, type Notices } from './notices.ts';
import { useStrings } from '../text/strings.ts';
import { onThemeChange, readTheme, type Theme } from '../chart/theme.ts';
import { windowFrames } from './windowFrames.ts';
import './panel.css';

/** The parts of the page that all sections of a panel use. */
export interface Panel {
  readonly client: Client<PanelContract>;
  readonly notices: Notices;
  readonly frames: Frames;
  readonly theme: () => Theme;
  readonly onThemeChange: (listener: () => void) => void;
  /** Stores the state from which the panel is restored after a reload. */
  readonly keep: (state: PanelState) => void;
}

/** Opens the page's panel. An error on the way is shown on the page. */
export function startPanel<Name extends PanelName>(
  name: Name,
  open: (panel: Panel, state: StateOf<Name>, root: HTMLElement) => void,
): void {
  const { client, setState } = openExtension();
  const said = notices();
  const root = element('div');
  pageMain().replaceChildren(said.element, root);
  const keep = (state: PanelState) => {
    setState(state);
    client.request('keepState', state).catch(said.error);
  };
  const panel: Panel = { client, notices: said, frames: windowFrames(), keep, ...followedTheme() };
  const greet = () => {
    client
      .request('hello', null)
      .then(({ state, strings }) => {
        if (!isOf(state, name)) throw internal(`the panel ${name} was opened as ${state.panel}`);
        setState(state);
        useStrings(strings);
        open(panel, state, root);
      })
      .catch((error: unknown) => said.error(error, greet));
  };
  greet();
}

/** The page's empty main element. */
function pageMain(): HTMLElement {
  const main = document.querySelector('main');
  if (!main) throw internal('the page of the panel has no main element');
  return main;
}

function isOf<Name extends PanelName>(state: PanelState, name: Name): state is StateOf<Name> {
  return state.panel === name;
}

/** Reads the theme once and after each change, since reading computed styles in every frame would be slow. */
function followedTheme(): Pick<Panel, 'theme' | 'onThemeChange'> {
  let theme = readTheme();
  const listeners: (() => void)[] = [];
  onThemeChange(() => {
    theme = readTheme();
    for (const listener of listeners) listener();
  });
  return { theme: () => theme, onThemeChange: (listener) => listeners.push(listener) };
}
