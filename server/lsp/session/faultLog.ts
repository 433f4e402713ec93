import type { Connection } from 'vscode-languageserver';
import { errorDetails } from '../../protocol/errors.ts';

/** Notifications have no answer, so what fails in one goes into the log. */
export function safely(connection: Connection, work: () => void): void {
  try {
    work();
  } catch (error) {
    logFault(connection, error);
  }
}

/** Writes what failed into the log of the client. */
export function logFault(connection: Connection, error: unknown): void {
  const { code, what } = errorDetails(error);
  connection.console.error(`${code}: ${code === 'internal' && error instanceof Error ? error.stack : what}`);
}
