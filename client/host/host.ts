import type * as vscode from 'vscode';
import type { PanelsHost } from '../panels/panelsHost.ts';
import type { RunsModel } from '../runs/runsModel.ts';
import type { StartingSweeps } from './startingSweeps.ts';
import type { LanguageServer } from '../server/languageServer.ts';

/** What commands and views work with: made once at activation, and cheap until it is used. */
export interface Host {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly server: LanguageServer;
  readonly runs: RunsModel;
  readonly panels: PanelsHost;
  readonly starting: StartingSweeps;
  /** Models and data sets are looked for again. */
  readonly refreshViews: () => void;
}
