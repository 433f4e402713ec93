/** Entry of the language server: `--stdio` (also if nothing is said) or `--node-ipc`. */
import { createConnection } from 'vscode-languageserver/node';
import { realpathSync } from 'node:fs';
import { serverHost, verdictFolder } from './serverHost.ts';
import { startServer } from './startServer.ts';

const transports = ['--stdio', '--node-ipc', '--socket', '--pipe'];
if (!process.argv.some((argument) => transports.some((name) => argument.startsWith(name))))
  process.argv.push('--stdio');

// Nothing that one document or request does may end the server for all the others.
process.on('uncaughtException', (error) => process.stderr.write(`internal: ${error.stack ?? error.message}\n`));
process.on('unhandledRejection', (reason) => process.stderr.write(`internal: ${String(reason)}\n`));

const script = realpathSync(process.argv[1] ?? '');
startServer(createConnection(), serverHost({ script, cache: verdictFolder(process.env) }));
