import {
  type Connection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type InitializeParams,
  type InitializeResult,
} from 'vscode-languageserver';
import { type EditorOptions, editorOptions, editorSettings } from '../protocol/messages/editor.ts';
import { rankscopeVersion } from '../protocol/version.ts';
import { counterfactualPairs } from './features/counterfactualPairs.ts';
import { clientSupport } from './session/clientSupport.ts';
import { registerFeatures } from './registerFeatures.ts';
import { logFault, safely } from './session/faultLog.ts';
import { registerSync } from './registerSync.ts';
import { serveRuns } from './runs/requests/serveRuns.ts';
import type { ServerState } from './session/serverState.ts';
import { readSettings, useSettings } from './session/useSettings.ts';
import { labelFileEnding } from '../judges/labels/labelFile.ts';
import { createOpenDocuments } from './documents/openDocuments.ts';
import { createJudgingNews } from './session/judgingNews.ts';
import { createPublisher } from './session/publisher.ts';
import { fieldsOf, whyNotJudged } from './documents/judgeFiles.ts';
import { serverCapabilities } from './serverCapabilities.ts';
import type { ServerHost } from './judges/serverHost.ts';
import { workDone } from './session/workDone.ts';
import { folderOf, withAbsolutePaths, workspaceFolders } from './session/workspacePaths.ts';
import { noProgress } from './documents/workProgress.ts';

/**
 * Serves a connection until it is closed. If a request fails, it is answered with an error; if a notification
 * fails, the error is logged.
 */
export function startServer(connection: Connection, host: ServerHost): void {
  let state: ServerState | undefined;
  let endRuns: () => Promise<void> = () => Promise.resolve();
  connection.onInitialize((params) => {
    state = createState(connection, host, params);
    registerFeatures(state);
    registerSync(state);
    endRuns = serveRuns(state);
    return initializeResult(state);
  });
  connection.onInitialized(() => {
    if (state !== undefined) void listenToEditor(state).catch((error: unknown) => logFault(connection, error));
  });
  connection.onShutdown(async () => {
    for (const session of state?.documents.all() ?? []) session.close();
    await Promise.all([endRuns(), host.dispose()]);
  });
  connection.listen();
}

function initializeResult({ support }: ServerState): InitializeResult {
  return { capabilities: serverCapabilities(support), serverInfo: { name: 'Rankscope', version: rankscopeVersion } };
}

function createState(connection: Connection, host: ServerHost, params: InitializeParams): ServerState {
  const support = clientSupport(params.capabilities);
  const options = optionsOf(params, host);
  const folders = workspaceFolders(params);
  const publisher = createPublisher(connection, support, () => ({
    limit: state.settings.limits.problems,
    severity: state.settings.severity,
    related: support.relatedInformation,
    explanations: options.explanations,
  }));
  const judging = createJudgingNews(connection, options.showsJudging);
  const documents = createOpenDocuments({
    settings: () => state.settings,
    openJudge: (spec, uri) => host.openJudge(withAbsolutePaths(spec, folderOf(uri, folders))),
    news: (session, news) =>
      safely(connection, () => {
        publisher.news(session, news);
        judging.tell(session);
      }),
    fieldsOf: (uri) => fieldsOf(uri, state.settings, folderOf(uri, folders)),
    whyNotJudged: (text, language) => whyNotJudged(text, language, state.settings, folderOf(text.uri, folders)),
    progress: (session) =>
      support.progress
        ? workDone(connection, `Judging ${fileName(session.document.uri)}`, () => session.stopJudging())
        : noProgress,
  });
  const settings = editorSettings.parse({});
  const state: ServerState = {
    connection,
    host,
    support,
    options,
    folders,
    counterfactuals: counterfactualPairs(),
    settings,
    documents,
    publisher,
    judging,
  };
  useSettings(state, options.settings);
  return state;
}

/** Diagnostics link to the page that ships with the program, unless the client names another. */
function optionsOf({ initializationOptions }: InitializeParams, { explanations }: ServerHost): EditorOptions {
  const given = editorOptions.safeParse(initializationOptions ?? {}).data ?? editorOptions.parse({});
  return { ...given, ...(given.explanations === undefined && explanations !== undefined && { explanations }) };
}

function fileName(uri: string): string {
  const name = uri.slice(uri.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

async function listenToEditor(state: ServerState): Promise<void> {
  const { connection, support } = state;
  if (support.watchedFiles) {
    const watchers = [{ globPattern: `**/*${labelFileEnding}` }];
    await connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
  }
  if (support.configurationChanges) {
    await connection.client.register(DidChangeConfigurationNotification.type, { section: 'rankscope' });
  }
  await readSettings(state);
}
