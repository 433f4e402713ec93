import * as vscode from 'vscode';
import type { ErrorHandler, LanguageClient, LanguageClientOptions, Middleware } from 'vscode-languageclient/node';
import type { EditorOptions } from '../../server/protocol/messages/editor.ts';
import { withoutReach } from '../trust/settingReach.ts';
import { judgedLanguages } from '../workspace/dataSetNames.ts';

/** A client that is not started yet. `onClosed` is called when the server's process ends unexpectedly. */
export async function createLanguageClient(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  onClosed: () => void,
): Promise<LanguageClient> {
  // Loading the library takes longer than the whole activation, so that it is loaded only when a server is needed.
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
  // A configuration object has methods, which cannot be sent to another process.
  const plain: unknown = JSON.parse(JSON.stringify(vscode.workspace.getConfiguration('rankscope')));
  const settings = safeSettings(plain);
  return { settings, asksReason: true, writesColumns: true, showsJudging: true };
}

/** The environment variables that give the server and the engine their cache folder. */
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

/**
 * In an untrusted workspace the word list judges, and no file that a setting names is read, not even one of the
 * user's settings.
 */
function safeSettings(settings: unknown): unknown {
  return vscode.workspace.isTrusted ? settings : withoutReach(settings);
}
