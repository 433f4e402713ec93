import type * as vscode from 'vscode';
import type { PanelsHost } from '../panels/panelsHost.ts';
import type { RunsModel } from '../runs/runsModel.ts';
import type { StartingSweeps } from './startingSweeps.ts';
import type { LanguageServer } from '../server/languageServer.ts';

/** The objects that commands and views share. They are created at activation and cost little until they are used. */
export interface Host {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly server: LanguageServer;
  readonly runs: RunsModel;
  readonly panels: PanelsHost;
  readonly starting: StartingSweeps;
  /** Searches models and data sets again. */
  readonly refreshViews: () => void;
}
