import type { Connection } from 'vscode-languageserver';
import { errorDetails } from '../../protocol/errors.ts';

/** Runs the handler of a notification. A notification has no response, so that an error goes into the log. */
export function safely(connection: Connection, work: () => void): void {
  try {
    work();
  } catch (error) {
    logFault(connection, error);
  }
}

/** Writes an error into the client's log. */
export function logFault(connection: Connection, error: unknown): void {
  const { code, what } = errorDetails(error);
  connection.console.error(`${code}: ${code === 'internal' && error instanceof Error ? error.stack : what}`);
}
