import assert from 'node:assert/strict';
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CodeAction, Diagnostic, Hover, WorkspaceEdit } from 'vscode-languageserver';
import { contentHash } from '../../../server/judges/labels/human.ts';
import { place } from './features/judged.ts';
import { rpcClient, type RpcClient, type RpcError } from './rpcClient.ts';

interface Published {
  readonly uri: string;
  readonly version: number;
  readonly diagnostics: readonly Diagnostic[];
}

const capabilities = {
  textDocument: { publishDiagnostics: { relatedInformation: true }, hover: { contentFormat: ['markdown'] } },
  workspace: { applyEdit: true, workspaceEdit: { documentChanges: true, resourceOperations: ['create'] } },
};

describe('the language server over standard input and output', () => {
  let folder: string;
  let server: ChildProcess;
  let client: RpcClient;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rankscope-lsp-'));
    const main = resolve('server/lsp/main.ts');
    server = spawn(process.execPath, ['--import', 'tsx', main, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
    assert.ok(server.stdout && server.stdin);
    client = rpcClient(server.stdout, server.stdin);
  });

  afterEach(async () => {
    if (server.exitCode === null && server.kill()) await once(server, 'exit');
    await rm(folder, { recursive: true });
  });

  it('opens, edits, hovers, labels, splits, cancels and leaves', async () => {
    const path = join(folder, 'completions.jsonl');
    const lines = ['{"text":"a fine day"}', '{"text":"you are stupid"}', '{"text":"and a fine night"}'];
    await writeFile(path, lines.join('\n'));
    const uri = pathToFileURL(path).href;
    const textDocument = { uri };
    const published = (version: number) =>
      client.next('textDocument/publishDiagnostics', (one: Published) => one.version === version) as Promise<Published>;

    const { serverInfo } = (await client.request('initialize', {
      processId: process.pid,
      rootUri: null,
      capabilities,
      initializationOptions: { settings: { author: 'ann' } },
    })) as { serverInfo: { name: string } };
    assert.equal(serverInfo.name, 'Rankscope');
    client.notify('initialized', {});

    client.notify('textDocument/didOpen', {
      textDocument: { uri, languageId: 'jsonl', version: 1, text: lines.join('\n') },
    });
    const first = await published(1);
    assert.deepEqual(
      first.diagnostics.map(({ range }) => place(range)),
      ['1:9-1:23'],
    );
    assert.equal(first.diagnostics[0]?.code, 'insult');

    client.notify('textDocument/didChange', {
      textDocument: { uri, version: 2 },
      contentChanges: [
        { range: { start: { line: 2, character: 9 }, end: { line: 2, character: 25 } }, text: 'stupid night' },
      ],
    });
    const second = await published(2);
    assert.deepEqual(
      second.diagnostics.map(({ range }) => place(range)),
      ['1:9-1:23', '2:9-2:21'],
    );

    const position = { line: 1, character: 20 };
    const hover = (await client.request('textDocument/hover', { textDocument, position })) as Hover;
    assert.match(
      (hover.contents as { value: string }).value,
      /^Toxic: 0\.\d\d by lexicon\\\(builtin\\\), threshold 0\.50/,
    );

    const range = { start: position, end: position };
    const actions = (await client.request('textDocument/codeAction', {
      textDocument,
      range,
      context: { diagnostics: [] },
    })) as CodeAction[];
    const benign = actions.find(({ title }) => title === 'Mark as not toxic');
    assert.ok(benign?.command);
    const labelled = (await client.request('workspace/executeCommand', benign.command)) as { undo: object };
    const withdrawal = { uri, contents: [contentHash({ text: 'you are stupid' })] };
    assert.deepEqual(labelled, {
      written: 1,
      undo: { command: 'rankscope.withdrawLabel', arguments: [withdrawal] },
    });
    const third = await published(2);
    assert.deepEqual(
      third.diagnostics.map(({ range: at }) => place(at)),
      ['2:9-2:21'],
    );
    const [label] = (await readFile(`${path}.labels.jsonl`, 'utf8')).trimEnd().split('\n');
    const { time, ...said } = JSON.parse(label ?? '') as Record<string, unknown>;
    assert.deepEqual(said, { content: contentHash({ text: 'you are stupid' }), label: 'benign', author: 'ann' });
    assert.ok(Math.abs(Date.now() - Number(time)) < 60_000);

    assert.deepEqual(await client.request('workspace/executeCommand', labelled.undo), { written: 1 });
    assert.equal((await published(2)).diagnostics.length, 2);
    const next = { command: 'rankscope.labelNext', arguments: [{ uri }] };
    const { reason } = (await client.request('workspace/executeCommand', next)) as { reason: string };
    assert.match(reason, /such texts are labelled$/);
    await client.request('workspace/executeCommand', benign.command);

    const edits: { label: string; edit: WorkspaceEdit }[] = [];
    client.onRequest('workspace/applyEdit', (params: { label: string; edit: WorkspaceEdit }) => {
      edits.push(params);
      return { applied: true };
    });
    const split = { command: 'rankscope.splitFlagged', arguments: [{ uri }] };
    assert.deepEqual(await client.request('workspace/executeCommand', split), {
      uri: pathToFileURL(join(folder, 'completions.flagged.jsonl')).href,
    });
    assert.equal(edits.length, 1);

    // A request that is taken back is answered too, with an error or with what it had.
    const slow = client.send('textDocument/documentSymbol', { textDocument });
    client.notify('$/cancelRequest', { id: slow.id });
    await slow.answer.catch((error: unknown) => assert.equal((error as RpcError).code, -32800));

    const wrong = client.request('workspace/executeCommand', {
      command: 'rankscope.label',
      arguments: [{ uri, labels: [] }],
    });
    await assert.rejects(wrong, (error: RpcError) => error.code === -32602 && error.message.includes('labels'));

    assert.equal(await client.request('shutdown'), null);
    client.notify('exit');
    assert.deepEqual(await once(server, 'exit'), [0, null]);
  });
});

describe('the language server over the IPC of Node', () => {
  it('answers and leaves', async () => {
    const server = fork(resolve('server/lsp/main.ts'), ['--node-ipc'], { execArgv: ['--import', 'tsx'] });
    const exited = once(server, 'exit');
    try {
      const replies = new Map<number, (message: { result: unknown }) => void>();
      server.on('message', (message: { id?: number; result: unknown }) => replies.get(message.id ?? -1)?.(message));
      const request = (id: number, method: string, params?: object) =>
        new Promise<{ result: unknown }>((reply) => {
          replies.set(id, reply);
          server.send({ jsonrpc: '2.0', id, method, params });
        });
      const { result } = await request(1, 'initialize', { processId: process.pid, rootUri: null, capabilities: {} });
      assert.equal((result as { serverInfo: { name: string } }).serverInfo.name, 'Rankscope');
      assert.deepEqual(await request(2, 'shutdown'), { jsonrpc: '2.0', id: 2, result: null });
      server.send({ jsonrpc: '2.0', method: 'exit' });
      assert.deepEqual(await exited, [0, null]);
    } finally {
      server.kill();
    }
  });
});
