/** Entry of the language server: `--stdio` (the default) or `--node-ipc`. */
import { createConnection } from 'vscode-languageserver/node';
import { realpathSync } from 'node:fs';
import { serverHost, verdictFolder } from './judges/serverHost.ts';
import { startServer } from './startServer.ts';
import { stdioConnection } from './transport/stdioConnection.ts';

// An error in one document or request must not end the server for all the others.
process.on('uncaughtException', (error) => process.stderr.write(`internal: ${error.stack ?? error.message}\n`));
process.on('unhandledRejection', (reason) => process.stderr.write(`internal: ${String(reason)}\n`));

const others = ['--node-ipc', '--socket', '--pipe'];
const usesStdio = !process.argv.some((argument) => others.some((name) => argument.startsWith(name)));
const host = serverHost({ script: realpathSync(process.argv[1] ?? ''), cache: verdictFolder(process.env) });
let shutDown = false;

if (usesStdio) {
  // Standard output carries the protocol, so that logs go to standard error.
  console.log = console.error;
  // Ends the server when its client has disappeared without a shutdown request.
  process.stdin.on('close', () => process.exit(shutDown ? 0 : 1));
}

startServer(usesStdio ? stdioConnection(process.stdin, process.stdout) : createConnection(), {
  ...host,
  dispose: () => {
    shutDown = true;
    return host.dispose();
  },
});
