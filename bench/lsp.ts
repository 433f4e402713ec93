/**
 * Is the editor ever kept waiting? Opens generated data sets in the language server over stdio, as an editor does, and
 * prints what an editor feels, beside a bare loop that reads and judges the same texts without a server.
 *
 *   npm run bench:lsp
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseDataset } from '../server/dataset/parseDataset.ts';
import { createLexiconJudge } from '../server/judges/lexicon/lexicon.ts';
import { internal } from '../server/protocol/errors.ts';
import { createRandom } from '../server/random/random.ts';
import { rpcClient, type RpcClient } from '../test/server/lsp/rpcClient.ts';

interface Published {
  readonly uri: string;
  readonly version?: number;
  readonly diagnostics: readonly unknown[];
}

interface Server {
  readonly client: RpcClient;
  readonly pid: number;
  /** Peak of the resident set so far, MB; undefined where the system does not tell. */
  readonly peak: () => number | undefined;
  readonly stop: () => Promise<void>;
}

const words = (
  'the a of to and in that it was for on with as at by from this people said would could one two long day night house ' +
  'water street letter window green quiet small early river paper morning people walked looked answered nothing again'
).split(' ');

const random = createRandom(5);
const pick = (list: readonly string[]): string => list[random.below(list.length)] ?? '';
const sentence = (count: number): string => Array.from({ length: count }, () => pick(words)).join(' ');
/** Two hundred bytes on average, one in fifty toxic. */
const line = (): string =>
  JSON.stringify({
    prompt: sentence(8),
    completion: `${sentence(25)}${random.uniform() < 0.02 ? ', you idiot' : ''}.`,
  });
const documentOf = (lines: number): string => `${Array.from({ length: lines }, line).join('\n')}\n`;

async function startServer(): Promise<Server> {
  const entry = path.join(import.meta.dirname, '..', 'dist', 'server.cjs');
  const child = spawn(process.execPath, [entry, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const client = rpcClient(child.stdout, child.stdin);
  if (child.pid === undefined) throw internal('the server did not start');
  const { pid } = child;
  await client.request('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
  });
  client.notify('initialized', {});
  return {
    client,
    pid,
    peak: () => {
      try {
        return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
      } catch {
        return undefined;
      }
    },
    stop: async () => {
      await client.request('shutdown');
      client.notify('exit');
    },
  };
}

/** The same texts read and judged in one go: milliseconds, and how many are toxic. */
async function bareLoop(text: string): Promise<{ ms: number; toxic: number }> {
  const judge = await createLexiconJudge();
  const began = performance.now();
  const { examples } = parseDataset(text, { format: 'jsonl' });
  const verdicts = await judge.judge(examples);
  const ms = performance.now() - began;
  return { ms, toxic: verdicts.filter((verdict) => verdict.kind === 'judged' && verdict.toxic).length };
}

/** The message that opens a document, ready to be sent: writing forty megabytes as JSON is the client's own time. */
function opening(uri: string, text: string): Buffer {
  const params = { textDocument: { uri, languageId: 'jsonl', version: 1, text } };
  const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', method: 'textDocument/didOpen', params }));
  return Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]);
}

/** Milliseconds from opening to the first diagnostics, and until all texts are judged. */
async function openAndWait(client: RpcClient, uri: string, text: string, toxic: number) {
  const message = opening(uri, text);
  const began = performance.now();
  client.raw(message);
  await client.next('textDocument/publishDiagnostics', (one: Published) => one.uri === uri);
  const first = performance.now() - began;
  const ask = { command: 'rankscope.summary', arguments: [{ uri }] };
  for (;;) {
    const counts = (await client.request('workspace/executeCommand', ask)) as {
      texts: number;
      waiting: number;
      toxic: number;
    };
    if (counts.waiting === 0 && counts.texts === text.split('\n').length - 1) {
      if (counts.toxic !== toxic) throw internal(`the server found ${counts.toxic} toxic texts, the loop ${toxic}`);
      return { first, whole: performance.now() - began };
    }
    await setTimeout(5);
  }
}

/** One edit after another, each waited for: milliseconds until its diagnostics were there. */
async function editTimes(client: RpcClient, uri: string, text: string, count: number): Promise<number[]> {
  const lines = text.split('\n');
  const times: number[] = [];
  for (let version = 2; version < 2 + count; version++) {
    const at = random.below(lines.length - 1);
    const replacement = line();
    const range = { start: { line: at, character: 0 }, end: { line: at, character: lines[at]?.length ?? 0 } };
    lines[at] = replacement;
    const began = performance.now();
    client.notify('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges: [{ range, text: replacement }],
    });
    await client.next('textDocument/publishDiagnostics', (one: Published) => one.version === version);
    times.push(performance.now() - began);
  }
  return times;
}

/**
 * The requests that an editor makes while one scrolls, until `over`: milliseconds of each. The very first are sent right
 * behind the document, and are answered when it has been received.
 */
async function askMeanwhile(client: RpcClient, uri: string, over: () => boolean) {
  const rounds: number[][] = [];
  const textDocument = { uri };
  for (let round = 0; !over(); round++) {
    const position = { line: round * 40, character: 60 };
    const range = { start: position, end: { line: position.line + 40, character: 0 } };
    const asks = [
      client.request('textDocument/hover', { textDocument, position }),
      client.request('textDocument/inlayHint', { textDocument, range }),
      client.request('textDocument/codeLens', { textDocument }),
      client.request('textDocument/codeAction', { textDocument, range, context: { diagnostics: [] } }),
    ];
    const began = performance.now();
    rounds.push(await Promise.all(asks.map((asked) => asked.then(() => performance.now() - began))));
    await setTimeout(10);
  }
  return { behind: rounds[0] ?? [], times: rounds.slice(1).flat() };
}

function quantile(times: readonly number[], share: number): number {
  return [...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(share * times.length))] ?? NaN;
}

function row(what: string, value: number, unit: string, bound: number): void {
  console.log(`| ${what} | ${value.toFixed(0)} ${unit} | ${bound} ${unit} | ${value <= bound ? 'yes' : 'NO'} |`);
}

async function small(): Promise<void> {
  const text = documentOf(10_000);
  const bare = await bareLoop(text);
  const { client, stop } = await startServer();
  const uri = 'file:///bench/ten-thousand.jsonl';
  const { first, whole } = await openAndWait(client, uri, text, bare.toxic);
  const edits = await editTimes(client, uri, text, 200);
  await stop();
  row('10,000 lines: first diagnostics', first, 'ms', 300);
  row('10,000 lines: whole file', whole, 'ms', 2000);
  row('10,000 lines: edit to diagnostics, 95th percentile of 200', quantile(edits, 0.95), 'ms', 50);
  console.log(
    `| 10,000 lines: whole file against a bare loop (${bare.ms.toFixed(0)} ms) | ${(whole / bare.ms).toFixed(2)} times | | |`,
  );
}

async function large(): Promise<void> {
  const text = documentOf(200_000);
  const bare = await bareLoop(text);
  const server = await startServer();
  const { client } = server;
  const uri = 'file:///bench/two-hundred-thousand.jsonl';
  let over = false;
  const waited = openAndWait(client, uri, text, bare.toxic).finally(() => (over = true));
  const { behind, times } = await askMeanwhile(client, uri, () => over);
  const { first, whole } = await waited;
  const edits = await editTimes(client, uri, text, 200);
  const peak = server.peak();
  await server.stop();
  const megabytes = Buffer.byteLength(text) / 1e6;
  console.log(`| 200,000 lines (${megabytes.toFixed(0)} MB): first diagnostics | ${first.toFixed(0)} ms | | |`);
  console.log(`| 200,000 lines: whole file | ${whole.toFixed(0)} ms | | |`);
  console.log(
    `| 200,000 lines: slowest of 4 requests right behind the document | ${Math.max(...behind).toFixed(0)} ms | | |`,
  );
  row(`200,000 lines: slowest of ${times.length} requests while judging`, Math.max(...times), 'ms', 200);
  console.log(
    `| 200,000 lines: requests while judging, 95th percentile | ${quantile(times, 0.95).toFixed(0)} ms | | |`,
  );
  console.log(`| 200,000 lines: edit to diagnostics, 95th percentile | ${quantile(edits, 0.95).toFixed(0)} ms | | |`);
  if (peak !== undefined) row('200,000 lines: peak memory of the server', peak, 'MB', 600);
  console.log(
    `| 200,000 lines: whole file against a bare loop (${bare.ms.toFixed(0)} ms) | ${(whole / bare.ms).toFixed(2)} times | | |`,
  );
}

console.log('| figure | measured | bound | held |\n| --- | --- | --- | --- |');
await small();
await large();
