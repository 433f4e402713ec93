import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CodeAction, CodeLens, Diagnostic, Hover, InitializeResult } from 'vscode-languageserver';
import { contentHash } from '../../../server/judges/labels/human.ts';
import type { ServerHost } from '../../../server/lsp/judges/serverHost.ts';
import { until } from '../../until.ts';
import { linkedServer, type LinkedServer, opened, uriOf } from './linkedServer.ts';
import type { RpcError } from './rpcClient.ts';
import { testJudge } from './testJudge.ts';

interface Published {
  readonly uri: string;
  readonly version?: number;
  readonly diagnostics: readonly Diagnostic[];
}

const published = 'textDocument/publishDiagnostics';
const uri = uriOf('a.txt');
const textDocument = { uri };
const origin = { line: 0, character: 0 };

/** Asks again until the answer passes: the server works on while it answers. */
const eventually = <Answer>(ask: () => Promise<Answer>, passes: (answer: Answer) => boolean): Promise<void> =>
  until(async () => passes(await ask()));

describe('the language server', () => {
  const servers: LinkedServer[] = [];
  /** A server that is initialised by a client of the given capabilities. */
  async function start(capabilities: object = {}, host: Partial<ServerHost> = {}, initializationOptions: unknown = {}) {
    const server = linkedServer(host);
    servers.push(server);
    await server.request('initialize', { processId: null, rootUri: null, capabilities, initializationOptions });
    server.notify('initialized', {});
    return server;
  }
  const execute = (server: LinkedServer, command: string, given: unknown) =>
    server.request('workspace/executeCommand', { command, arguments: [given] });
  const hover = async (server: LinkedServer, position = origin) =>
    ((await server.request('textDocument/hover', { textDocument, position })) as Hover | null)?.contents;

  afterEach(() => servers.splice(0).forEach((server) => server.end()));

  it('offers what docs/protocol.md lists', async () => {
    const server = linkedServer();
    servers.push(server);
    const { capabilities } = (await server.request('initialize', { capabilities: {} })) as InitializeResult;
    assert.deepEqual(Object.keys(capabilities).sort(), [
      'codeActionProvider',
      'codeLensProvider',
      'documentSymbolProvider',
      'executeCommandProvider',
      'hoverProvider',
      'inlayHintProvider',
      'positionEncoding',
      'semanticTokensProvider',
      'textDocumentSync',
    ]);
    const documented = await readFile('docs/protocol.md', 'utf8');
    for (const command of capabilities.executeCommandProvider?.commands ?? []) assert.ok(documented.includes(command));
  });

  it('takes its diagnostics back when a document is closed', async () => {
    const server = await start();
    server.notify('textDocument/didOpen', opened(uri, 'zounds'));
    const first: Published = await server.next(published);
    assert.deepEqual([first.version, first.diagnostics.length], [1, 1]);
    server.notify('textDocument/didClose', { textDocument });
    assert.deepEqual(await server.next(published), { uri, diagnostics: [] });
    assert.equal(await hover(server), undefined);
  });

  it('leaves a client that pulls to pull: it waits until all is judged, and nothing is pushed', async () => {
    const server = await start({ textDocument: { diagnostic: {} } });
    server.notify('textDocument/didOpen', opened(uri, 'zounds\n'.repeat(5000)));
    const report = (await server.request('textDocument/diagnostic', { textDocument })) as { items: Diagnostic[] };
    assert.equal(report.items.length, 1001);
    assert.deepEqual(
      server.inbox.filter(({ method }) => method === published),
      [],
    );
  });

  it('answers a pull at once where it can ask for another, and then asks', async () => {
    const server = await start({
      textDocument: { diagnostic: {} },
      workspace: { diagnostics: { refreshSupport: true } },
    });
    const refreshed = new Promise((resolve) => server.onRequest('workspace/diagnostic/refresh', resolve));
    server.notify('textDocument/didOpen', opened(uri, 'zounds'));
    const early = (await server.request('textDocument/diagnostic', { textDocument })) as { items: Diagnostic[] };
    if (early.items.length === 0) await refreshed;
    const late = (await server.request('textDocument/diagnostic', { textDocument })) as { items: Diagnostic[] };
    assert.equal(late.items.length, 1);
  });

  it('answers a pull that is taken back', async () => {
    let release: (() => void) | undefined;
    const judge = await testJudge();
    const openJudge = () => new Promise<typeof judge>((resolve) => (release = () => resolve(judge)));
    const server = await start({ textDocument: { diagnostic: {} } }, { openJudge });
    server.notify('textDocument/didOpen', opened(uri, 'zounds'));
    const pull = server.send('textDocument/diagnostic', { textDocument });
    server.notify('$/cancelRequest', { id: pull.id });
    await pull.answer.catch((error: unknown) => assert.equal((error as RpcError).code, -32800));
    // The server is not held up by it.
    assert.deepEqual(await server.request('textDocument/documentSymbol', { textDocument }), []);
    release?.();
  });

  it('reads settings from a client that answers for them, and judges anew when they change', async () => {
    let settings: unknown = { inlayHints: 'off' };
    const server = linkedServer();
    servers.push(server);
    server.onRequest('workspace/configuration', () => [settings]);
    await server.request('initialize', { capabilities: { workspace: { configuration: true } } });
    server.notify('initialized', {});
    server.notify('textDocument/didOpen', opened(uri, '{"body":"zounds"}'.repeat(1)));
    await server.next(published);
    const range = { start: origin, end: { line: 9, character: 0 } };
    assert.deepEqual(await server.request('textDocument/inlayHint', { textDocument, range }), []);
    settings = { inlayHints: 'all', limits: { textLength: 3 } };
    server.notify('workspace/didChangeConfiguration', { settings: null });
    const hints = () => server.request('textDocument/inlayHint', { textDocument, range });
    await eventually(hints, (answer) => JSON.stringify(answer).includes('unjudged: the text has 17 characters'));
  });

  it('keeps its settings when it is sent others that make no sense, and says so', async () => {
    const server = await start();
    server.notify('workspace/didChangeConfiguration', { settings: { rankscope: { judge: { kind: 'oracle' } } } });
    const { message }: { message: string } = await server.next('window/showMessage');
    assert.match(message, /settings cannot be used.*judge/);
    server.notify('textDocument/didOpen', opened(uri, 'zounds'));
    assert.equal(((await server.next(published)) as Published).diagnostics.length, 1);
  });

  it('shows progress for what lasts, and stops when its button is pressed', async () => {
    const judge = await testJudge();
    const slow = {
      ...judge,
      judge: async (items: never, signal?: AbortSignal) => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        return judge.judge(items, signal);
      },
    };
    const server = await start({ window: { workDoneProgress: true } }, { openJudge: () => Promise.resolve(slow) });
    const token = new Promise<unknown>((resolve) =>
      server.onRequest('window/workDoneProgress/create', (params: { token: unknown }) => resolve(params.token)),
    );
    server.notify('textDocument/didOpen', opened(uri, 'zounds\n'.repeat(20_000)));
    const { value }: { value: { kind: string; title: string; cancellable: boolean } } = await server.next('$/progress');
    assert.deepEqual([value.kind, value.title, value.cancellable], ['begin', 'Judging a.txt', true]);
    server.notify('window/workDoneProgress/cancel', { token: await token });
    await server.next('$/progress', (one: { value: { kind: string } }) => one.value.kind === 'end');
    const counts = (await execute(server, 'rankscope.summary', { uri })) as {
      judged: number;
      unjudged: number;
      waiting: number;
    };
    assert.equal(counts.judged + counts.unjudged, 20_000);
    assert.ok(counts.unjudged > 0);
  });

  it('answers with an error when a handler throws, and goes on', async () => {
    const server = await start(
      {},
      {
        userName: () => {
          throw new TypeError('nobody');
        },
      },
    );
    server.notify('textDocument/didOpen', opened(uri, 'zounds'));
    const labels = [{ content: contentHash({ text: 'zounds' }), label: 'toxic' }];
    await assert.rejects(execute(server, 'rankscope.label', { uri, labels }), (error: RpcError) => {
      assert.equal(error.code, -32603);
      assert.deepEqual(error.data, { code: 'internal', what: 'nobody' });
      return true;
    });
    await eventually(
      () => hover(server),
      (answer) => JSON.stringify(answer).includes('Toxic'),
    );
  });

  it('shows texts as unjudged when the judge fails, and goes on', async () => {
    const server = await start({}, { openJudge: () => Promise.reject(new Error('the engine process died')) });
    server.notify('textDocument/didOpen', opened(uri, 'zounds'));
    const { diagnostics }: Published = await server.next(published);
    assert.deepEqual(
      diagnostics.map(({ code, message }) => [code, message]),
      [['notice', 'The judge cannot be used: the engine process died']],
    );
    assert.match(JSON.stringify(await hover(server)), /Unjudged: The judge cannot be used/);
  });

  describe('with documents that are files', () => {
    let folder: string;
    beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'rankscope-lsp-'))));
    afterEach(() => rm(folder, { recursive: true }));

    it('finds labels again where a text moves, takes them back, and hears of those that others write', async () => {
      const path = join(folder, 'b.jsonl');
      const file = pathToFileURL(path).href;
      const content = contentHash({ text: 'zounds' });
      await writeFile(
        `${path}.labels.jsonl`,
        `${JSON.stringify({ content, label: 'benign', author: 'bob', time: 5 })}\n`,
      );
      const server = await start();
      server.notify('textDocument/didOpen', opened(file, '{"text":"fine"}\n{"text":"zounds"}\n'));
      const lens = async () =>
        ((await server.request('textDocument/codeLens', { textDocument: { uri: file } })) as CodeLens[])[0]?.command
          ?.title;
      await server.next(published, (one: Published) => one.diagnostics.length === 0);
      assert.match((await lens()) ?? '', /1 toxic.*1 labelled/);

      server.notify('textDocument/didChange', {
        textDocument: { uri: file, version: 2 },
        contentChanges: [{ range: { start: origin, end: { line: 1, character: 0 } }, text: '' }],
      });
      assert.match((await lens()) ?? '', /1 text judged.*1 labelled/);

      assert.deepEqual(await execute(server, 'rankscope.withdrawLabel', { uri: file, contents: [content] }), {
        written: 1,
      });
      await server.next(published, (one: Published) => one.diagnostics.length === 1);

      await writeFile(
        `${path}.labels.jsonl`,
        `${JSON.stringify({ content, label: 'benign', author: 'cleo', time: 5 })}\n`,
      );
      server.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: `${file}.labels.jsonl`, type: 2 }] });
      await server.next(published, (one: Published) => one.diagnostics.length === 0);
    });

    it('writes labels with their reason, and refuses where there is no file', async () => {
      const path = join(folder, 'c.jsonl');
      const file = pathToFileURL(path).href;
      const server = await start({}, {}, { settings: { author: 'dora' } });
      server.notify('textDocument/didOpen', opened(file, '{"text":"fine"}'));
      const labels = [{ content: contentHash({ text: 'fine' }), label: 'toxic' }];
      await execute(server, 'rankscope.label', { uri: file, labels, reason: 'sarcasm' });
      const [line = ''] = (await readFile(`${path}.labels.jsonl`, 'utf8')).split('\n');
      assert.deepEqual(JSON.parse(line), {
        ...labels[0],
        author: 'dora',
        time: Date.UTC(2026, 0, 1),
        reason: 'sarcasm',
      });

      server.notify('textDocument/didOpen', opened('untitled:x', 'fine'));
      await assert.rejects(
        execute(server, 'rankscope.label', { uri: 'untitled:x', labels }),
        /Save the document first/,
      );
    });

    it('does not judge files of labels', async () => {
      const file = pathToFileURL(join(folder, 'd.labels.jsonl')).href;
      const server = await start();
      server.notify('textDocument/didOpen', opened(file, 'zounds'));
      const given = { textDocument: { uri: file } };
      assert.deepEqual(await server.request('textDocument/codeLens', given), []);
      assert.deepEqual(server.inbox, []);
    });

    it('says why it cannot split where the editor cannot create files', async () => {
      const server = await start();
      server.notify('textDocument/didOpen', opened(uri, 'zounds'));
      await assert.rejects(execute(server, 'rankscope.splitFlagged', { uri }), /cannot create files/);
    });

    it('tells that the editor refused a split', async () => {
      const able = { applyEdit: true, workspaceEdit: { documentChanges: true, resourceOperations: ['create'] } };
      const server = await start({ workspace: able });
      server.onRequest('workspace/applyEdit', () => ({ applied: false, failureReason: 'read-only' }));
      const file = pathToFileURL(join(folder, 'e.txt')).href;
      await writeFile(join(folder, 'e.flagged.txt'), '');
      server.notify('textDocument/didOpen', opened(file, 'zounds'));
      await server.next(published);
      await assert.rejects(execute(server, 'rankscope.splitFlagged', { uri: file }), /refused the edit: read-only/);
      server.onRequest('workspace/applyEdit', () => ({ applied: true }));
      const answer = await execute(server, 'rankscope.splitFlagged', { uri: file });
      assert.deepEqual(answer, { uri: pathToFileURL(join(folder, 'e.flagged-2.txt')).href });
    });
  });

  it('goes from flagged text to flagged text, and from the last to the first', async () => {
    const server = await start({ window: { showDocument: { support: true } } });
    const shown: unknown[] = [];
    server.onRequest('window/showDocument', (params: { selection: unknown }) => {
      shown.push(params.selection);
      return { success: true };
    });
    server.notify('textDocument/didOpen', opened(uri, 'zounds\nfine\nfie'));
    await server.next(published);
    const next = (line?: number) =>
      execute(server, 'rankscope.nextFlagged', {
        uri,
        ...(line !== undefined && { position: { line, character: 2 } }),
      });
    const [first, last] = [
      { start: origin, end: { line: 0, character: 6 } },
      { start: { line: 2, character: 0 }, end: { line: 2, character: 3 } },
    ];
    assert.deepEqual([await next(), await next(0), await next(2)], [first, last, first]);
    assert.deepEqual(shown, [first, last, first]);
  });

  it('shows what is worth a label, and nothing once all have one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rankscope-next-'));
    const file = pathToFileURL(join(folder, 'n.txt')).href;
    const server = await start({ window: { showDocument: { support: true } } });
    const shown: unknown[] = [];
    server.onRequest('window/showDocument', (params: { selection: unknown }) => {
      shown.push(params.selection);
      return { success: true };
    });
    server.notify('textDocument/didOpen', opened(file, 'fine\nzounds'));
    await server.next(published);
    const next = () => execute(server, 'rankscope.labelNext', { uri: file }) as Promise<{ content: string } | null>;
    const contents = ['fine', 'zounds'].map((text) => contentHash({ text }));
    for (let count = 0; count < 2; count++) {
      const found = await next();
      assert.ok(found !== null && contents.includes(found.content));
      contents.splice(contents.indexOf(found.content), 1);
      await execute(server, 'rankscope.label', { uri: file, labels: [{ content: found.content, label: 'benign' }] });
    }
    assert.deepEqual([await next(), shown.length], [null, 2]);
    await rm(folder, { recursive: true });
  });

  it("reads the judge's paths from the workspace folder, and links to the page on categories", async () => {
    const asked: unknown[] = [];
    const server = linkedServer({
      openJudge: (spec) => (asked.push(spec), testJudge()),
      explanations: 'file:///docs/judges.md',
    });
    servers.push(server);
    await server.request('initialize', {
      processId: null,
      rootUri: null,
      workspaceFolders: [{ uri: 'file:///home/ada/space', name: 'space' }],
      capabilities: {},
      initializationOptions: { settings: { judge: { kind: 'linear', model: 'models/m.json' } } },
    });
    server.notify('initialized', {});
    server.notify('textDocument/didOpen', opened(uri, 'zounds'));
    const { diagnostics }: Published = await server.next(published);
    assert.deepEqual(asked, [{ kind: 'linear', model: '/home/ada/space/models/m.json' }]);
    assert.equal(diagnostics[0]?.codeDescription?.href, 'file:///docs/judges.md#insult');
  });

  it('shows and inserts the counterfactuals of a file of pairs', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rankscope-pairs-'));
    await writeFile(join(folder, 'pairs.jsonl'), '{"prompt":"zounds","completion":"good day"}');
    const server = linkedServer();
    servers.push(server);
    await server.request('initialize', {
      processId: null,
      rootUri: pathToFileURL(folder).href,
      capabilities: {},
      initializationOptions: { settings: { counterfactuals: { pairs: 'pairs.jsonl' } } },
    });
    server.notify('textDocument/didOpen', opened(uri, 'zounds\nfine'));
    await server.next(published);
    assert.match(JSON.stringify(await hover(server)), /Counterfactuals:.*good day/);
    const given = { textDocument, range: { start: origin, end: origin }, context: { diagnostics: [] } };
    const actions = (await server.request('textDocument/codeAction', given)) as CodeAction[];
    const start = { line: 1, character: 0 };
    assert.deepEqual(actions.find(({ title }) => title === 'Insert 1 counterfactual beneath')?.edit, {
      changes: { [uri]: [{ range: { start, end: start }, newText: 'good day\n' }] },
    });
    await rm(folder, { recursive: true });
  });

  it('judges again, also with another judge', async () => {
    const asked: unknown[] = [];
    const server = await start({}, { openJudge: (spec) => (asked.push(spec), testJudge()) });
    server.notify('textDocument/didOpen', opened(uri, 'zounds'));
    await server.next(published);
    const judge = { kind: 'linear', model: '/m.json' };
    await execute(server, 'rankscope.judgeAgain', { uri, judge });
    const counts = () => execute(server, 'rankscope.summary', { uri }) as Promise<{ waiting: number }>;
    await eventually(counts, ({ waiting }) => waiting === 0);
    assert.deepEqual(asked, [{ kind: 'lexicon' }, judge]);
  });

  it('offers the actions of a place', async () => {
    const server = await start();
    server.notify('textDocument/didOpen', opened(uri, 'zounds'));
    await server.next(published);
    const range = { start: origin, end: origin };
    const actions = (await server.request('textDocument/codeAction', {
      textDocument,
      range,
      context: { diagnostics: [] },
    })) as CodeAction[];
    assert.deepEqual(actions.at(-1), {
      title: 'Drop the line',
      kind: 'quickfix',
      edit: { changes: { [uri]: [{ range: { start: origin, end: { line: 0, character: 6 } }, newText: '' }] } },
    });
  });
});
