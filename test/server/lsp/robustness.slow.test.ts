import assert from 'node:assert/strict';
import fc from 'fast-check';
import { contentHash } from '../../../server/judges/labels/human.ts';
import { createDocumentText } from '../../../server/dataset/documentText.ts';
import { openSession } from '../../../server/lsp/documents/documentSession.ts';
import { noProgress } from '../../../server/lsp/documents/workProgress.ts';
import { codeActions } from '../../../server/lsp/features/codeActions.ts';
import { diagnostics } from '../../../server/lsp/features/diagnostics.ts';
import { documentSymbols } from '../../../server/lsp/features/documentSymbols.ts';
import { hover } from '../../../server/lsp/features/hover.ts';
import { inlayHints } from '../../../server/lsp/features/inlayHints.ts';
import { semanticTokens } from '../../../server/lsp/features/semanticTokens.ts';
import { splitFlagged } from '../../../server/lsp/features/splitFlagged.ts';
import { editorSettings } from '../../../server/protocol/messages/editor.ts';
import { editorCommands } from '../../../server/protocol/messages/editorCommands.ts';
import { until } from '../../until.ts';
import { linkedServer, opened, uriOf } from './linkedServer.ts';
import type { RpcError } from './rpcClient.ts';
import { testJudge } from './testJudge.ts';

const seeds = [
  '{"text":"you zounds"}\n{"prompt":"p","completion":"fie \\"drat\\" \\u0066ie"}\n{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"zounds"}]}\n{"chosen":"a","rejected":"fie"}\r\n',
  'text,label,prompt\nzounds,1,p\n"fie, ""drat""\nzounds",0,"q\nr"\n',
  'text\tlabel\nzounds\t1\n"fie\t0\n',
  'template_masked\traw\tidentity\tcategory\tnumber\ttype\nthe zounds is a [M].\tr\ti\tc\tn\tt\n',
  'zounds\n\n  fie  \r\nlast drat drat',
];
const names = ['a.jsonl', 'a.csv', 'a.tsv', 'a.txt', 'a'];

/** A text with some stretches cut, doubled or replaced by marks that formats use. */
const mutated = fc
  .tuple(
    fc.constantFrom(...seeds),
    fc.array(
      fc.tuple(
        fc.nat(400),
        fc.nat(20),
        fc.oneof(
          fc.constantFrom('"', '\\', '{', ']', '\n', '\r', '\t', ',', '\uFEFF', '\u0000', '\uD800', 'zounds'),
          fc.string({ maxLength: 5 }),
        ),
      ),
      { maxLength: 6 },
    ),
  )
  .map(([text, cuts]) =>
    cuts.reduce(
      (now, [at, remove, insert]) =>
        now.slice(0, at % (now.length + 1)) + insert + now.slice((at % (now.length + 1)) + remove),
      text,
    ),
  );

describe('whatever a document holds', () => {
  it('no feature throws, and every range lies in the document (10,000 mutated files)', async () => {
    const judge = await testJudge();
    const settings = editorSettings.parse({});
    const ports = {
      settings: () => settings,
      openJudge: () => Promise.resolve(judge),
      news: () => undefined,
      progress: () => noProgress,
    };
    const documents = fc.sample(fc.tuple(mutated, fc.constantFrom(...names)), { numRuns: 10_000, seed: 8 });
    for (const [content, name] of documents) {
      const session = openSession(createDocumentText(`file:///${name}`, 1, content), ports);
      await session.settled();
      const { document } = session;
      const everywhere = { start: 0, end: content.length };
      const found = diagnostics(document, { limit: 100, severity: 'information', related: true });
      for (const { range } of found) {
        const [start, end] = [document.text.offsetAt(range.start), document.text.offsetAt(range.end)];
        assert.ok(start <= end, content);
        assert.deepEqual([document.text.positionAt(start), document.text.positionAt(end)], [range.start, range.end]);
      }
      for (const { range } of document.examples)
        assert.ok(range.start <= range.end && range.end <= content.length, content);
      assert.equal(document.verdicts.length, document.examples.length, content);
      inlayHints(document, everywhere, 'all');
      documentSymbols(document, 10);
      codeActions(document, everywhere, { asksReason: true, version: 1 });
      splitFlagged(document, 'file:///b');
      hover(document, document.text.positionAt(content.length >> 1), { markdown: true });
      const { data } = semanticTokens(document, everywhere);
      assert.ok(data.every((value) => value >= 0));
    }
  });
});

describe('whatever a client says', () => {
  const uri = uriOf('a.txt');
  const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(-1, 0, 1, 2 ** 31, 1e300));
  const odd = fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, '', 'x', uri, [], {}),
    number,
    fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<unknown>,
  );
  const either = <Value>(value: fc.Arbitrary<Value>) =>
    fc.oneof({ weight: 3, arbitrary: value }, { weight: 1, arbitrary: odd });
  const position = either(fc.record({ line: either(fc.nat(5)), character: either(fc.nat(9)) }));
  const range = either(fc.record({ start: position, end: position }));
  const textDocument = either(
    fc.record({
      uri: either(fc.constant(uri)),
      version: either(fc.nat(9)),
      text: either(fc.string()),
      languageId: either(fc.constant('x')),
    }),
  );
  const label = fc.record({
    content: either(fc.constant(contentHash({ text: 'a' }))),
    label: either(fc.constant('toxic')),
  });
  const argument = either(
    fc.record({
      uri: either(fc.constant(uri)),
      labels: either(fc.array(either(label))),
      contents: either(fc.array(odd)),
      position,
      judge: odd,
    }),
  );
  const params = either(
    fc.record({
      textDocument,
      position,
      range,
      context: odd,
      previousResultId: odd,
      contentChanges: either(fc.array(either(fc.record({ range, text: either(fc.string()) })), { maxLength: 3 })),
      command: either(fc.constantFrom(...Object.keys(editorCommands), 'rankscope.unknown', 'toString')),
      arguments: either(fc.array(argument, { maxLength: 2 })),
      settings: odd,
      changes: either(fc.array(either(fc.record({ uri: either(fc.constant(`${uri}.labels.jsonl`)) })))),
      uri: either(fc.constant(uri)),
      startLine: either(fc.nat(5)),
      endLine: either(fc.nat(5)),
    }),
  );
  const requests = [
    'hover',
    'inlayHint',
    'codeLens',
    'codeAction',
    'documentSymbol',
    'semanticTokens/full',
    'semanticTokens/range',
    'diagnostic',
  ].map((name) => `textDocument/${name}`);
  requests.push('workspace/executeCommand', 'no/such/method');
  const notifications = [
    'textDocument/didOpen',
    'textDocument/didChange',
    'textDocument/didClose',
    'workspace/didChangeConfiguration',
    'workspace/didChangeWatchedFiles',
    'rankscope/visible',
    'no/such/notification',
  ];

  it('every request is answered and the server lives (10,000 messages)', async () => {
    const server = linkedServer();
    try {
      await server.request('initialize', { capabilities: {} });
      server.notify('initialized', {});
      const methods = fc.constantFrom(
        ...requests.map((method) => ({ method, asks: true })),
        ...notifications.map((method) => ({ method, asks: false })),
      );
      const messages = fc.sample(fc.tuple(methods, params), { numRuns: 10_000, seed: 9 });
      let open: Promise<unknown>[] = [];
      let served = 0;
      for (const [{ method, asks }, given] of messages) {
        if (asks)
          open.push(
            server.request(method, given).then(
              () => served++,
              (error: unknown) => assert.equal(typeof (error as RpcError).code, 'number'),
            ),
          );
        else server.notify(method, given);
        if (open.length === 200) {
          await Promise.all(open);
          open = [];
          server.inbox.length = 0;
        }
      }
      await Promise.all(open);
      // Enough of the messages made sense to reach what they are for.
      assert.ok(served > 1000, String(served));
      server.notify('textDocument/didOpen', opened(uri, 'zounds'));
      const symbols = async () =>
        (await server.request('textDocument/documentSymbol', { textDocument: { uri } })) as unknown[];
      await until(async () => (await symbols()).length > 0);
      assert.equal((await symbols()).length, 1);
    } finally {
      server.end();
    }
  });

  it('a body that is no JSON does not end the conversation', async () => {
    const server = linkedServer();
    try {
      await server.request('initialize', { capabilities: {} });
      const body = '{"jsonrpc":"2.0","id":';
      server.raw(`Content-Length: ${body.length}\r\n\r\n${body}`);
      server.raw('Content-Length: 2\r\n\r\n[]');
      server.raw('Content-Length: 4\r\n\r\nnull');
      assert.deepEqual(await server.request('textDocument/codeLens', { textDocument: { uri } }), []);
    } finally {
      server.end();
    }
  });
});
