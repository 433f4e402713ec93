import assert from 'node:assert/strict';
import { type CodeLens, type Diagnostic, DiagnosticSeverity, type InlayHint } from 'vscode-languageserver';
import type { Judging } from '../../../server/protocol/messages/editor.ts';
import { linkedServer, type LinkedServer, uriOf } from './linkedServer.ts';

interface Published {
  readonly uri: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** Files of other programs, each with words that the judge would flag. */
const others: Readonly<Record<string, string>> = {
  'server.jsonl': '{"timestamp":"2026-01-01","level":"error","message":"zounds"}\n',
  'pino.jsonl': '{"level":30,"time":1767225600000,"pid":7,"text":"zounds"}\n',
  'access.csv': 'ip,method,path,status,text\n10.0.0.1,GET,/,200,zounds\n',
  'events.jsonl': '{"event":"click","text":"zounds"}\n',
  'app.log.jsonl': '{"text":"zounds"}\n',
  'metrics.csv': 'name,labels,value\nzounds,a,1\n',
  'training.jsonl': '{"step":1,"loss":0.5,"text":"zounds"}\n',
  'queue.jsonl': '{"queue":"zounds","messages":12}\n',
  'prices.csv': 'date,open,high,low,close\n2026-01-01,1,2,3,4\n',
  'packages.csv': 'package,version,license,content\nzounds,1.0,MIT,zounds\n',
  'lock.tsv': 'name\tversion\tsha256\nzounds\t1.0\tabc\n',
  'sensors.tsv': 'sensor\ttime\ttemperature\nzounds\t1\t20.5\n',
  'places.csv': 'name,lat,lon,text\nzounds,1,2,zounds\n',
  'shapes.jsonl': '{"type":"Feature","geometry":null,"text":"zounds"}\n',
  'bank.csv': 'date,amount,currency,text\n2026-01-01,5,EUR,zounds\n',
  'builds.csv': 'job,output\nlint,zounds\n',
  'sources.jsonl': '{"path":"a.c","content":"zounds"}\n',
  'users.tsv': 'id\tname\temail\n1\tzounds\tz@example.org\n',
  'numbers.csv': 'id,text\n1,17\n2,18\n',
  'arrays.jsonl': '["zounds"]\n["fie"]\n',
  'broken.csv': '"zounds,fie\n',
  'notes.txt': 'zounds\nfie\n',
};

/** Data sets of texts, and the lines (from 0) of their flagged texts. */
const ours: Readonly<Record<string, { readonly text: string; readonly flagged: readonly number[] }>> = {
  'completions.jsonl': {
    text: '{"prompt":"a","completion":"zounds","time":5}\n{"prompt":"b","completion":"ok"}\n',
    flagged: [0],
  },
  'chats.jsonl': {
    text: '{"messages":[{"role":"user","content":"fie"},{"role":"assistant","content":"zounds"},{"role":"assistant","content":"ok"}]}\n',
    flagged: [0],
  },
  'pairs.jsonl': { text: '{"prompt":"a","chosen":"ok","rejected":"fie"}\n', flagged: [0] },
  'comments.csv': { text: 'id,comment_text,toxic\n1,ok,0\n2,zounds,1\n', flagged: [2] },
  'sentences.tsv': { text: 'sentence\tlabel\nfie\t0\nok\t1\n', flagged: [1] },
};

const language = (name: string) => (name.endsWith('.txt') ? 'plaintext' : name.slice(name.lastIndexOf('.') + 1));
const everywhere = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };

describe('a workspace of files of all sorts', () => {
  let server: LinkedServer;
  const start = async (settings: object) => {
    server = linkedServer();
    await server.request('initialize', { capabilities: {}, initializationOptions: { settings, showsJudging: true } });
    server.notify('initialized', {});
  };
  const open = (name: string, text: string) =>
    server.notify('textDocument/didOpen', {
      textDocument: { uri: uriOf(name), languageId: language(name), version: 1, text },
    });
  const change = (name: string, text: string) =>
    server.notify('textDocument/didChange', {
      textDocument: { uri: uriOf(name), version: 2 },
      contentChanges: [{ text }],
    });
  const judging = (name: string) =>
    server.next('rankscope/judging', ({ uri }: Judging) => uri === uriOf(name)) as Promise<Judging>;
  const flaggedLines = async (name: string) => {
    const { diagnostics }: Published = await server.next(
      'textDocument/publishDiagnostics',
      ({ uri }: Published) => uri === uriOf(name),
    );
    return diagnostics.map(({ range }) => range.start.line);
  };
  const ask = (method: string, name: string) =>
    server.request(`textDocument/${method}`, { textDocument: { uri: uriOf(name) }, range: everywhere });
  const lenses = async (name: string) =>
    ((await ask('codeLens', name)) as CodeLens[]).map(({ command }) => command?.title);
  const judgeNow = (name: string) =>
    server.request('workspace/executeCommand', { command: 'rankscope.judgeAgain', arguments: [{ uri: uriOf(name) }] });

  afterEach(() => server.end());

  it('shows nothing in files that are for something else, and says why for the status bar', async () => {
    await start({ inlayHints: 'all' });
    assert.ok(Object.keys(others).length >= 20);
    for (const [name, text] of Object.entries(others)) {
      open(name, text);
      const { reason, canBeAsked } = await judging(name);
      assert.match(reason ?? '', /^Not taken for a data set: ./, name);
      assert.equal(canBeAsked, true);
      for (const method of ['codeLens', 'inlayHint', 'documentSymbol'])
        assert.deepEqual(await ask(method, name), [], `${method} of ${name}`);
    }
    // Nothing was published for any of them: the first word about diagnostics is about the file that is opened last.
    open('ours.jsonl', '{"text":"zounds"}');
    assert.deepEqual(await flaggedLines('ours.jsonl'), [0]);
    assert.deepEqual(
      server.inbox.filter(({ method }) => method !== 'rankscope/judging'),
      [],
    );
  });

  it('judges those that are data sets at once', async () => {
    await start({});
    for (const [name, { text, flagged }] of Object.entries(ours)) {
      open(name, text);
      assert.equal((await judging(name)).reason, null, name);
      assert.deepEqual(await flaggedLines(name), flagged, name);
    }
  });

  it('names what a file is taken for', async () => {
    await start({});
    const reasons: Readonly<Record<string, RegExp>> = {
      'pino.jsonl': /its field "level" is that of a log/,
      'app.log.jsonl': /its name says that it is for something else \(log\)/,
      'places.csv': /its field "lat" is that of a list of places/,
      'builds.csv': /its column "output" has neither a prompt nor a label beside it/,
      'metrics.csv': /the header has no column for the text.*found name, labels, value/,
      'queue.jsonl': /most of its lines hold no text \(its fields are queue, messages\)/,
      'numbers.csv': /its texts have no letter/,
      'arrays.jsonl': /none of its first lines is a JSON object/,
      'notes.txt': /plain lines do not say/,
    };
    for (const [name, pattern] of Object.entries(reasons)) {
      open(name, others[name] ?? '');
      assert.match((await judging(name)).reason ?? '', pattern, name);
    }
  });

  it('judges any file when it is asked to', async () => {
    await start({});
    open('notes.txt', others['notes.txt'] ?? '');
    assert.notEqual((await judging('notes.txt')).reason, null);
    await judgeNow('notes.txt');
    assert.equal((await judging('notes.txt')).reason, null);
    assert.deepEqual(await flaggedLines('notes.txt'), [0, 1]);
    change('notes.txt', 'ok\nzounds');
    assert.deepEqual(await flaggedLines('notes.txt'), [1]);
  });

  it('gives every turn of a chat its own diagnostic, hint and verdict', async () => {
    await start({});
    const turns = ['fie', 'zounds', 'ok', 'drat'].map((content) => ({ role: 'assistant', content }));
    open('chat.jsonl', JSON.stringify({ messages: turns }));
    const { diagnostics }: Published = await server.next('textDocument/publishDiagnostics');
    const text = JSON.stringify({ messages: turns });
    const places = ['fie', 'zounds'].map((word) => [text.indexOf(word), text.indexOf(word) + word.length]);
    assert.deepEqual(
      diagnostics.map(({ range, severity }) => [range.start.character, range.end.character, severity]),
      places.map((place) => [...place, DiagnosticSeverity.Information]),
    );
    const hints = (await ask('inlayHint', 'chat.jsonl')) as InlayHint[];
    assert.deepEqual(
      hints.map(({ position, label }) => [position.character, label]),
      [
        [places[0]?.[1], '0.95'],
        [places[1]?.[1], '0.60'],
      ],
    );
    assert.deepEqual((await lenses('chat.jsonl')).slice(0, 2), [
      '4 texts judged · 2 toxic (50.0 %) · 0 unjudged · 0 labelled by hand',
      '1 line · 1 read',
    ]);
  });

  it('takes a file up once what is typed makes it a data set, and keeps it then', async () => {
    await start({});
    open('new.jsonl', '');
    assert.match((await judging('new.jsonl')).reason ?? '', /it is empty/);
    change('new.jsonl', '{"text":"zounds"}');
    assert.equal((await judging('new.jsonl')).reason, null);
    assert.deepEqual(await flaggedLines('new.jsonl'), [0]);
    change('new.jsonl', '{"text":"zounds"');
    assert.deepEqual(await flaggedLines('new.jsonl'), [0]);
    assert.deepEqual(await lenses('new.jsonl'), [
      "Nothing read (the line is no JSON: Expected ',' or '}' after property value)",
    ]);
  });

  it('waits for a word or a click where files are judged on demand', async () => {
    await start({ judgeFiles: 'onDemand' });
    open('completions.jsonl', ours['completions.jsonl']?.text ?? '');
    assert.match((await judging('completions.jsonl')).reason ?? '', /judged on demand/);
    assert.deepEqual(await lenses('completions.jsonl'), ['Judge']);
    open('server.jsonl', others['server.jsonl'] ?? '');
    await judging('server.jsonl');
    assert.deepEqual(await lenses('server.jsonl'), []);
    await judgeNow('completions.jsonl');
    assert.deepEqual(await flaggedLines('completions.jsonl'), [0]);
  });

  it('leaves what is excluded to be asked for', async () => {
    await start({ judgeExclude: ['comp*.{csv,jsonl}'] });
    open('completions.jsonl', ours['completions.jsonl']?.text ?? '');
    const { reason, canBeAsked } = await judging('completions.jsonl');
    assert.deepEqual([reason, canBeAsked], ['It matches "comp*.{csv,jsonl}" (setting judgeExclude).', true]);
    assert.deepEqual(await lenses('completions.jsonl'), []);
    open('pairs.jsonl', ours['pairs.jsonl']?.text ?? '');
    assert.equal((await judging('pairs.jsonl')).reason, null);
  });

  it('judges nothing where judging is off, takes back what it has shown, and refuses to be asked', async () => {
    await start({});
    open('pairs.jsonl', ours['pairs.jsonl']?.text ?? '');
    assert.deepEqual(await flaggedLines('pairs.jsonl'), [0]);
    await judging('pairs.jsonl');
    server.notify('workspace/didChangeConfiguration', { settings: { rankscope: { judgeFiles: 'off' } } });
    const { reason, canBeAsked } = await judging('pairs.jsonl');
    assert.deepEqual([reason, canBeAsked], ['Judging is off (setting judgeFiles).', false]);
    assert.deepEqual(await flaggedLines('pairs.jsonl'), []);
    await assert.rejects(judgeNow('pairs.jsonl'), /Judging is off.*Set judgeFiles/s);
    server.notify('workspace/didChangeConfiguration', { settings: { rankscope: {} } });
    assert.deepEqual(await flaggedLines('pairs.jsonl'), [0]);
  });

  it('takes the columns that the settings name for a pattern of files, and judges these alone', async () => {
    await start({ columns: { '/data/*.jsonl': { completion: 'message' }, 'b*.csv': { text: 'job' } } });
    open('server.jsonl', others['server.jsonl'] ?? '');
    assert.deepEqual(await flaggedLines('server.jsonl'), [0]);
    open('builds.csv', 'job,output\nfie,ok\n');
    assert.deepEqual(await flaggedLines('builds.csv'), [1]);
    open('jobs.csv', 'job,output\nfie,ok\n');
    assert.notEqual((await judging('jobs.csv')).reason, null);
  });

  it('takes a field that the settings name for a reason to judge', async () => {
    await start({ fields: { text: 'message' } });
    open('server.jsonl', others['server.jsonl'] ?? '');
    assert.equal((await judging('server.jsonl')).reason, null);
    assert.deepEqual(await flaggedLines('server.jsonl'), [0]);
  });
});
