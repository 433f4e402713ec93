import type { Connection } from 'vscode-languageserver';
import type { EditorOptions, EditorSettings } from '../../protocol/messages/editor.ts';
import type { CounterfactualPairs } from '../features/counterfactualPairs.ts';
import type { ClientSupport } from './clientSupport.ts';
import type { OpenDocuments } from '../documents/openDocuments.ts';
import type { JudgingNews } from './judgingNews.ts';
import type { Publisher } from './publisher.ts';
import type { ServerHost } from '../judges/serverHost.ts';

/** Everything that lives as long as the connection. */
export interface ServerState {
  readonly connection: Connection;
  readonly host: ServerHost;
  readonly support: ClientSupport;
  readonly options: EditorOptions;
  readonly counterfactuals: CounterfactualPairs;
  /** Paths of the workspace folders. */
  readonly folders: readonly string[];
  settings: EditorSettings;
  readonly documents: OpenDocuments;
  readonly publisher: Publisher;
  readonly judging: JudgingNews;
}
