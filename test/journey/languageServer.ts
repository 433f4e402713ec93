import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Client } from '../../server/protocol/messages/channel.ts';
import type { RunsContract } from '../../server/protocol/messages/runsContract.ts';
import { rpcClient, type RpcClient } from '../server/lsp/rpcClient.ts';
import { runsClient } from '../server/lsp/runs/runsClient.ts';
import { until } from '../until.ts';
import { cli, demo, sharedCache } from './rankscope.ts';

export interface LanguageServer {
  readonly child: ChildProcess;
  readonly rpc: RpcClient;
  readonly client: Client<RunsContract>;
}

/** The built language server, as an editor starts it. */
export async function startServer(): Promise<LanguageServer> {
  const script = path.join(path.dirname(cli), 'server.cjs');
  if (!existsSync(script)) throw new Error('dist/server.cjs is missing: run "npm run build" first.');
  const env = { ...process.env, RANKSCOPE_CACHE: sharedCache };
  const child = spawn(process.execPath, [script, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'], env });
  const rpc = rpcClient(child.stdout, child.stdin);
  await rpc.request('initialize', { processId: process.pid, rootUri: null, capabilities: {} });
  rpc.notify('initialized', {});
  return { child, rpc, client: runsClient(rpc) };
}

/** Asks it to leave, as an editor does, and waits until it has. */
export async function stopServer({ child, rpc }: LanguageServer): Promise<void> {
  await rpc.request('shutdown');
  rpc.notify('exit');
  await until(() => isGone(child));
}

export const isGone = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

/** A sweep on all prompts of the demo, as a file has it; what it trains and measures is the test's to say. */
export function demoSweep(own: object): object {
  const inDemo = (file: string) => path.join(demo, file);
  return {
    experiment: 'toxicity',
    model: inDemo('model'),
    data: {
      prompts: { file: inDemo('prompts.tsv') },
      heldOut: { file: inDemo('held-out-prompts.tsv'), limit: 12 },
      pairs: { file: inDemo('pairs.jsonl') },
    },
    generation: { samples: 1, maxNewTokens: 8 },
    ...own,
  };
}
