/** Opens panels, restores them after a reload, and answers their pages. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { serve } from '../../server/protocol/messages/channel.ts';
import { panelContract } from '../../server/protocol/messages/panelContract.ts';
import {
  type PanelName,
  panelNames,
  panelState,
  type PanelState,
  subjectOf,
  titleOfPanel,
} from '../../server/protocol/messages/panelStates.ts';
import type { LanguageServer } from '../server/languageServer.ts';
import { errorMessage, wasCancelled } from '../server/errorMessage.ts';
import { runFolders } from '../workspace/runFolders.ts';
import { pages } from './pageDuplex.ts';
import { panelHandlers } from './panelHandlers.ts';
import { panelHtml } from './panelHtml.ts';
import { rememberedPanel, rememberPanel } from './rememberedPanels.ts';

interface Open {
  readonly panel: vscode.WebviewPanel;
  state: PanelState;
}

export class PanelsHost implements vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #server: LanguageServer;
  readonly #log: vscode.LogOutputChannel;
  readonly #open = new Set<Open>();
  readonly #resumed = new vscode.EventEmitter<string>();
  readonly #serializers: readonly vscode.Disposable[];

  /** Fires when a page has resumed its run. */
  readonly onDidResume = this.#resumed.event;

  constructor(context: vscode.ExtensionContext, server: LanguageServer, log: vscode.LogOutputChannel) {
    this.#context = context;
    this.#server = server;
    this.#log = log;
    this.#serializers = panelNames.map((kind) =>
      vscode.window.registerWebviewPanelSerializer(viewType(kind), {
        deserializeWebviewPanel: (panel, state) => {
          this.#restore(panel, state);
          return Promise.resolve();
        },
      }),
    );
  }

  /** Shows the panel of `state`: an open panel with the same subject, else a new one. */
  show(state: PanelState, column: vscode.ViewColumn = vscode.ViewColumn.Active): void {
    const known = [...this.#open].find((one) => subjectOf(one.state) === subjectOf(state));
    if (known !== undefined) {
      if (!mayStay(known.state, state)) this.#turn(known, state);
      known.panel.reveal();
      return;
    }
    const panel = vscode.window.createWebviewPanel(viewType(state.panel), titleOf(state), column, {});
    this.#fill(panel, state);
  }

  /** Reloads the page of a resumed run's panel, since its watching ended with the run. */
  renew(run: string): void {
    for (const open of this.#open)
      if (open.state.panel === 'run' && open.state.run === run) this.#turn(open, open.state);
  }

  /** The state of the active panel; undefined where the active tab is no panel. */
  get active(): PanelState | undefined {
    return [...this.#open].find(({ panel }) => panel.active)?.state;
  }

  dispose(): void {
    this.#resumed.dispose();
    for (const serializer of this.#serializers) serializer.dispose();
  }

  #restore(panel: vscode.WebviewPanel, kept: unknown): void {
    const kind = panelNames.find((one) => panel.viewType.endsWith(viewType(one))) ?? '';
    const state = panelState.safeParse(kept).data ?? rememberedPanel(this.#memento, kind, panel.title);
    if (state?.panel === kind) {
      this.#fill(panel, state);
      return;
    }
    this.#log.warn(`A panel (${panel.viewType}, ${panel.title}) kept no state and could not be restored.`);
    panel.dispose();
  }

  /** Changes the subject of the same panel and reloads its page. */
  #turn(open: Open, state: PanelState): void {
    open.state = state;
    open.panel.webview.html = page(open.panel.webview, this.#resources, state);
  }

  get #memento(): vscode.Memento {
    return this.#context.workspaceState;
  }

  get #resources(): vscode.Uri {
    return vscode.Uri.joinPath(this.#context.extensionUri, 'dist', 'webview');
  }

  #fill(panel: vscode.WebviewPanel, state: PanelState): void {
    const open: Open = { panel, state };
    const resources = this.#resources;
    panel.iconPath = vscode.Uri.joinPath(this.#context.extensionUri, 'media', 'rankscope.svg');
    panel.webview.options = { enableScripts: true, localResourceRoots: [resources] };
    this.#converse(open);
    this.#open.add(open);
    void rememberPanel(this.#memento, panel.title, state);
    panel.webview.html = page(panel.webview, resources, state);
  }

  #converse(open: Open): void {
    const { panel } = open;
    const handlers = panelHandlers(this.#server, {
      folders: () => runFolders(this.#context),
      resumed: (run) => this.#resumed.fire(run),
      get state() {
        return open.state;
      },
      keep: (state) => {
        open.state = state;
        void rememberPanel(this.#memento, panel.title, state);
      },
    });
    const onFault = (error: unknown) => {
      if (!wasCancelled(error)) this.#log.warn(`Panel ${open.state.panel}: ${errorMessage(error)}`);
    };
    const conversation = pages({ post: (message) => void panel.webview.postMessage(message) }, (duplex) =>
      serve(panelContract, duplex, handlers, { onFault }),
    );
    panel.webview.onDidReceiveMessage((message: unknown) => conversation.receive(message));
    panel.onDidChangeViewState(() => {
      if (!panel.visible) conversation.close();
    });
    panel.onDidDispose(() => {
      conversation.close();
      this.#open.delete(open);
    });
  }
}

const viewType = (kind: PanelName): string => `rankscope.${kind}`;

/** Whether the page that shows `old` can also show `next`, so that a prompt or a pinned baseline on it is kept. */
function mayStay(old: PanelState, next: PanelState): boolean {
  const asks = 'prompt' in next && next.prompt !== '';
  const pins = next.panel === 'run' && next.baseline !== 'base';
  return !(asks || pins) || JSON.stringify(old) === JSON.stringify(next);
}

const titleOf = (state: PanelState): string => titleOfPanel(state, vscode.l10n.t);

function page(webview: vscode.Webview, resources: vscode.Uri, state: PanelState): string {
  const uri = (file: string) => webview.asWebviewUri(vscode.Uri.joinPath(resources, file)).toString();
  return panelHtml({
    panel: state.panel,
    title: titleOf(state),
    language: vscode.env.language,
    source: webview.cspSource,
    script: uri(`${state.panel}.js`),
    style: uri(`${state.panel}.css`),
    nonce: randomBytes(16).toString('hex'),
  });
}
