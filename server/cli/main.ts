/** `rankscope`: the command line. The engine runs in a process of its own. */
import { realpathSync } from 'node:fs';
import { engineEntry } from '../launch/engineEntry.ts';
import { launchEngine } from '../launch/localProcess.ts';
import { rankscopeVersion as version } from '../protocol/version.ts';
import type { CliContext } from './options/command.ts';
import { exitStatus } from './output/exitStatus.ts';
import { runCli } from './runCli.ts';

const debug = (process.env.RANKSCOPE_DEBUG ?? '') !== '';
const controller = new AbortController();

// The first Ctrl-C cancels the command in good order. A second one ends the process at once.
process.on('SIGINT', () => {
  if (controller.signal.aborted) process.exit(exitStatus.cancelled);
  process.stderr.write('\nrankscope: stopping after the present step; press Ctrl-C again to stop at once.\n');
  controller.abort();
});
// These signals end this process. The engine then notices that its parent is gone, writes its checkpoint and ends.
for (const [signal, status] of [
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.on(signal, () => {
    controller.abort();
    setTimeout(() => process.exit(status), 4000).unref();
  });
}

// A reader such as `head` may close the pipe before all is written. The command then ends in good order, with the
// status of a program that SIGPIPE has ended.
const sigpipe = 141;
let writeFault: number | undefined;
const isRun = ['sweep', 'resume', 'reproduce'].includes(process.argv[2] ?? '');
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  writeFault ??= error.code === 'EPIPE' ? sigpipe : exitStatus.disk;
  if (error.code !== 'EPIPE') process.stderr.write(`rankscope: standard output cannot be written: ${error.message}.\n`);
  // A run matters more than its output, so that it goes on and keeps its own status.
  if (isRun) return;
  process.exitCode = writeFault;
  controller.abort();
});

// If standard error is closed, its messages are lost and nothing else.
process.stderr.on('error', () => undefined);

const context: CliContext = {
  write: (text) => void process.stdout.write(text),
  tell: (text) => void process.stderr.write(text),
  terminalColumns: process.stderr.isTTY ? process.stderr.columns || 80 : undefined,
  signal: controller.signal,
  now: () => new Date(),
  launch: () =>
    launchEngine({
      ...engineEntry(realpathSync(process.argv[1] ?? '')),
      ...(debug && { onLog: (line: string) => void process.stderr.write(`engine: ${line}\n`) }),
    }),
};

void runCli(process.argv.slice(2), context, { version, debug }).then((status) => {
  process.exitCode = isRun ? status : (writeFault ?? status);
});
