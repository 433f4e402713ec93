import * as vscode from 'vscode';
import type { ErrorHandler, LanguageClient, LanguageClientOptions, Middleware } from 'vscode-languageclient/node';
import type { EditorOptions } from '../../server/protocol/messages/editor.ts';
import { withoutReach } from '../trust/settingReach.ts';
import { judgedLanguages } from '../workspace/dataSetNames.ts';

/** A client that is not started yet; `onClosed` hears when the server's process is gone without having been asked to. */
export async function createLanguageClient(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  onClosed: () => void,
): Promise<LanguageClient> {
  // Loading the library takes longer than all of activation: it waits until a server is wanted.
  const library = await import('vscode-languageclient/node');
  const { CloseAction, ErrorAction, RevealOutputChannelOn, TransportKind } = library;
  const errorHandler: ErrorHandler = {
    error: () => ({ action: ErrorAction.Continue }),
    closed: () => {
      onClosed();
      return { action: CloseAction.DoNotRestart, handled: true };
    },
  };
  const options: LanguageClientOptions = {
    documentSelector: judgedLanguages.map((language) => ({ language, scheme: 'file' })),
    outputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationOptions: initializationOptions(),
    errorHandler,
    middleware: middleware(),
  };
  const module = context.asAbsolutePath('dist/server.cjs');
  const run = { module, transport: TransportKind.ipc, options: { env: environment() } };
  return new library.LanguageClient('rankscope', 'Rankscope', { run, debug: run }, options);
}

function initializationOptions(): EditorOptions {
  // A configuration carries methods, which cannot cross to another process.
  const plain: unknown = JSON.parse(JSON.stringify(vscode.workspace.getConfiguration('rankscope')));
  const settings = safeSettings(plain);
  return { settings, asksReason: true, writesColumns: true, showsJudging: true };
}

/** The server and the engine learn from their environment where to keep what can be made again. */
function environment(): NodeJS.ProcessEnv {
  const cache = vscode.workspace.getConfiguration('rankscope').get<string>('cacheFolder', '');
  return { ...process.env, ...(cache !== '' && { RANKSCOPE_CACHE: cache }) };
}

function middleware(): Middleware {
  return {
    workspace: {
      configuration: async (params, token, next) => {
        const values: unknown = await next(params, token);
        return Array.isArray(values) ? values.map((value: unknown) => safeSettings(value)) : [];
      },
    },
  };
}

/** In a workspace that is not trusted the word list judges and no file is read that a setting names, not even the user's own. */
function safeSettings(settings: unknown): unknown {
  return vscode.workspace.isTrusted ? settings : withoutReach(settings);
}
