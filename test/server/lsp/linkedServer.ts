import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { createConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-languageserver/node';
import type { ServerHost } from '../../../server/lsp/judges/serverHost.ts';
import { startServer } from '../../../server/lsp/startServer.ts';
import { rpcClient, type RpcClient } from './rpcClient.ts';
import { testJudge } from './testJudge.ts';

export interface LinkedServer extends RpcClient {
  /** Ends both streams. */
  end(): void;
}

/** A server in this process, on the other end of two streams, with the test's lexicon for a judge. */
export function linkedServer(host: Partial<ServerHost> = {}): LinkedServer {
  const [toServer, toClient] = [new PassThrough(), new PassThrough()];
  const connection = createConnection(new StreamMessageReader(toServer), new StreamMessageWriter(toClient));
  startServer(connection, {
    openJudge: testJudge,
    now: () => Date.UTC(2026, 0, 1),
    userName: () => 'ann',
    dispose: () => Promise.resolve(),
    startedFolder: join(tmpdir(), `rankscope-started-${process.pid}`),
    ...host,
  });
  const end = () => {
    connection.dispose();
    toServer.destroy();
    toClient.destroy();
  };
  return { ...rpcClient(toClient, toServer), end };
}

export const uriOf = (name: string): string => `file:///data/${name}`;

/** What an editor says of a document that it opens. */
export function opened(uri: string, text: string): object {
  return { textDocument: { uri, languageId: 'plaintext', version: 1, text } };
}
