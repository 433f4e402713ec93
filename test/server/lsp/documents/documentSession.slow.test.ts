import assert from 'node:assert/strict';
import fc from 'fast-check';
import { documentSpan } from '../../../../server/dataset/example.ts';
import { parseDataset } from '../../../../server/dataset/parseDataset.ts';
import type { Judge } from '../../../../server/judges/judge/judge.ts';
import { createDocumentText } from '../../../../server/dataset/documentText.ts';
import {
  type DocumentSession,
  openSession,
  type SessionNews,
} from '../../../../server/lsp/documents/documentSession.ts';
import { noProgress, type WorkProgress } from '../../../../server/lsp/documents/workProgress.ts';
import { editorSettings } from '../../../../server/protocol/messages/editor.ts';
import { testJudge } from '../testJudge.ts';

interface Opened {
  readonly session: DocumentSession;
  readonly news: SessionNews[];
}

interface Ports {
  readonly judge?: () => Promise<Judge>;
  readonly settings?: unknown;
  readonly progress?: WorkProgress;
  readonly onNews?: (session: DocumentSession, news: SessionNews) => void;
}

function open(
  text: string,
  { judge = testJudge, settings = {}, progress = noProgress, onNews }: Ports = {},
  name = 'a.txt',
): Opened {
  const news: SessionNews[] = [];
  const session = openSession(createDocumentText(`file:///${name}`, 1, text), {
    settings: () => editorSettings.parse(settings),
    openJudge: judge,
    news: (of, one) => {
      news.push(one);
      onNews?.(of, one);
    },
    progress: () => progress,
  });
  return { session, news };
}

const insert = (line: number, character: number, text: string) => ({
  range: { start: { line, character }, end: { line, character } },
  text,
});

const outcomes = ({ document }: DocumentSession) =>
  document.verdicts.map((verdict) => (verdict?.kind === 'judged' ? (verdict.toxic ? 'toxic' : 'fine') : verdict?.kind));

/** A judge that counts the texts it is asked about. */
async function counting(asked: string[]): Promise<Judge> {
  const judge = await testJudge();
  return {
    ...judge,
    judge: (items, signal) => {
      asked.push(...items.map(({ text }) => text));
      return judge.judge(items, signal);
    },
  };
}

describe('a document session', () => {
  it('tells when what is on the screen is judged, and when all is', async () => {
    const { session, news } = open('zounds\nfine');
    await session.settled();
    assert.deepEqual(outcomes(session), ['toxic', 'fine']);
    assert.equal(news.at(-1), 'settled');
    assert.equal(news.filter((one) => one === 'urgent').length, 1);
  });

  it('judges what is on the screen first', async () => {
    const text = Array.from({ length: 30_000 }, (_, i) => `text ${i}`).join('\n');
    const asked: string[] = [];
    const { session } = open(text, { judge: () => counting(asked) });
    session.show(29_000, 29_010);
    await session.settled();
    assert.equal(asked.length, 30_000);
    // The screen as it was at the beginning, or lines before it was told, may come first; 29,000 lines may not.
    assert.ok(asked.indexOf('text 29005') < 5000, String(asked.indexOf('text 29005')));
  });

  it('asks the judge about edited texts alone, and keeps the verdicts of those that moved', async () => {
    const asked: string[] = [];
    const { session } = open('one\ntwo\nzounds', { judge: () => counting(asked) });
    await session.settled();
    asked.length = 0;
    session.change([insert(1, 0, 'fie\n'), insert(2, 3, ' zounds')], 2);
    assert.deepEqual(outcomes(session), ['fine', undefined, undefined, 'toxic']);
    await session.settled();
    assert.deepEqual(asked, ['fie', 'two zounds']);
    assert.deepEqual(outcomes(session), ['fine', 'toxic', 'toxic', 'toxic']);
  });

  it('takes a client that sends the whole text for one that sends the difference', async () => {
    const asked: string[] = [];
    const { session } = open('one\ntwo\nthree', { judge: () => counting(asked) });
    await session.settled();
    asked.length = 0;
    session.change([{ text: 'one\ntwo zounds\nthree' }], 2);
    await session.settled();
    assert.deepEqual(asked, ['two zounds']);
    assert.equal(session.document.text.version, 2);
  });

  it('takes edits while it judges, and judges what is there at the end', async () => {
    const text = Array.from({ length: 20_000 }, () => 'fine').join('\n');
    const { session } = open(text);
    for (let version = 2; version < 40; version++) {
      await new Promise((resolve) => setImmediate(resolve));
      session.change([insert(version * 400, 0, version % 2 === 0 ? 'zounds\n' : 'zounds ')], version);
    }
    await session.settled();
    const whole = parseDataset(session.document.text.getText(), { format: 'text' });
    assert.deepEqual(session.document.examples, whole.examples);
    const toxic = whole.examples.map(({ text: one }) => (one.includes('zounds') ? 'toxic' : 'fine'));
    assert.deepEqual(outcomes(session), toxic);
  });

  it('takes edits while a slow judge answers, and shows no verdict on a text that it is not about', async () => {
    const judge = await testJudge();
    const slow = {
      ...judge,
      slice: 5,
      judge: async (items: Parameters<typeof judge.judge>[0]) => {
        await new Promise((resolve) => setTimeout(resolve, 3));
        return judge.judge(items);
      },
    };
    const lines = Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? 'zounds' : 'fine'));
    const { session, news } = open(lines.join('\n'), { judge: () => Promise.resolve(slow) });
    for (let version = 2; version < 12; version++) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      session.change([insert(version, 0, version % 2 === 0 ? 'fie\n' : 'drat ')], version);
    }
    await session.settled();
    const words = session.document.examples.map(({ text }) => (/zounds|fie/.test(text) ? 'toxic' : 'fine'));
    assert.deepEqual(outcomes(session), words);
    // What is on the screen is shown bit by bit, since it takes a while.
    assert.ok(news.indexOf('more') < news.indexOf('urgent'));
  });

  it('leaves texts unjudged with the reason when the judge throws, and can be asked again', async () => {
    let broken = true;
    const judge = await testJudge();
    const { session } = open('zounds', {
      judge: () =>
        Promise.resolve({
          ...judge,
          judge: (items) => (broken ? Promise.reject(new Error('out of order')) : judge.judge(items)),
        }),
    });
    await session.settled();
    assert.deepEqual(session.document.verdicts, [{ kind: 'unjudged', reason: 'the judge failed: out of order' }]);
    broken = false;
    session.judgeAgain();
    await session.settled();
    assert.deepEqual(outcomes(session), ['toxic']);
  });

  it('says in the document why a judge could not be opened', async () => {
    const { session } = open('zounds', { judge: () => Promise.reject(new Error('no such file')) });
    await session.settled();
    assert.deepEqual(session.document.notices, ['The judge cannot be used: no such file']);
    assert.deepEqual(outcomes(session), ['unjudged']);
    assert.equal(session.document.judge, undefined);
  });

  it('stops where it is told to, and says of the rest that it was stopped', async () => {
    const text = Array.from({ length: 50_000 }, () => 'zounds').join('\n');
    const { session } = open(text, { onNews: (of, one) => one === 'urgent' && of.stopJudging() });
    await session.settled();
    const { verdicts } = session.document;
    const stopped = verdicts.filter(
      (verdict) => verdict?.kind === 'unjudged' && verdict.reason === 'judging was stopped',
    );
    assert.ok(stopped.length > 10_000 && stopped.length < 50_000, String(stopped.length));
    assert.equal(verdicts.length, 50_000);
  });

  it('reports how far it is, never backwards', async () => {
    const shares: number[] = [];
    let done = 0;
    const text = Array.from({ length: 20_000 }, (_, i) => `text ${i}`).join('\n');
    const { session } = open(text, { progress: { report: (share) => shares.push(share), done: () => done++ } });
    await session.settled();
    assert.deepEqual(
      shares,
      [...shares].sort((a, b) => a - b),
    );
    assert.ok(shares.every((share) => share >= 0 && share <= 1));
    assert.equal(done, 1);
  });

  it('does not show a judge texts past the limit', async () => {
    const asked: string[] = [];
    const { session } = open('short\nmuch too long', {
      judge: () => counting(asked),
      settings: { limits: { textLength: 5 } },
    });
    await session.settled();
    assert.deepEqual(asked, ['short']);
    assert.match(JSON.stringify(session.document.verdicts[1]), /13 characters; the limit is 5/);
  });

  it('is quiet once it is closed', async () => {
    const { session, news } = open(Array.from({ length: 20_000 }, () => 'zounds').join('\n'));
    session.close();
    await session.settled();
    assert.deepEqual(
      news.filter((one) => one === 'settled'),
      [],
    );
  });

  it('gives verdicts whose ranges cut exactly the judged words out of the document (property)', async () => {
    const word = fc.constantFrom('zounds', 'fie', 'drat', 'good', '"', '\\', 'é', '😀', '\t', ',', '\u0007');
    const text = fc.array(word, { maxLength: 6 }).map((words) => words.join(' '));
    const escaped = (value: string) =>
      `"${[...Array(value.length).keys()].map((i) => `\\u${value.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}"`;
    const rows = fc.array(fc.tuple(text, text, fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(rows, fc.constantFrom('\n', '\r\n'), async (texts, eol) => {
        const lines = texts.map(([a, b, all, pair]) => {
          const value = all ? escaped(a) : JSON.stringify(a);
          return pair
            ? `{"rejected": ${value}, "chosen":${JSON.stringify(b)}}`
            : `{"prompt":${JSON.stringify(b)},"completion":${value}}`;
        });
        const { session } = open(lines.join(eol), {}, 'a.jsonl');
        await session.settled();
        const { examples, verdicts, text: document } = session.document;
        assert.equal(
          examples.length,
          texts.reduce((sum, [, , , pair]) => sum + (pair ? 2 : 1), 0),
        );
        examples.forEach((example, i) => {
          const source = document.slice(example.range.start, example.range.end);
          assert.equal(JSON.parse(`"${source}"`), example.text);
          const verdict = verdicts[i];
          for (const part of verdict?.kind === 'judged' ? verdict.evidence : []) {
            const span = documentSpan(example, part);
            const said = JSON.parse(`"${document.slice(span.start, span.end)}"`) as string;
            assert.ok(['zounds', 'fie', 'drat'].includes(said), said);
            assert.equal(said, example.text.slice(part.start, part.end));
          }
        });
      }),
      { numRuns: 300, seed: 6 },
    );
  });
});

describe('a document past its limits', () => {
  const lines = Array.from({ length: 3000 }, (_, i) => (i % 100 === 50 ? 'zounds' : `line ${i}`));
  const found = ({ document }: DocumentSession) =>
    document.examples.map(({ line, range }, i) => {
      const verdict = document.verdicts[i];
      assert.equal(document.text.slice(range.start, range.end), document.examples[i]?.text);
      assert.equal(document.text.positionAt(range.start).line, line - 1);
      return [line, verdict?.kind === 'judged' && verdict.toxic] as const;
    });

  it('is judged on the screen too, wherever that moves, and through edits', async () => {
    const { session } = open(lines.join('\n'), { settings: { limits: { lines: 100 } } });
    await session.settled();
    assert.equal(found(session).length, 100);
    session.show(2040, 2060);
    await session.settled();
    assert.equal(found(session).length, 121);
    assert.deepEqual(
      found(session)
        .filter(([, toxic]) => toxic)
        .map(([line]) => line),
      [51, 2051],
    );
    session.change([insert(2041, 0, 'zounds, ')], 2);
    await session.settled();
    assert.deepEqual(
      found(session)
        .filter(([, toxic]) => toxic)
        .map(([line]) => line),
      [51, 2042, 2051],
    );
    session.change([insert(10, 0, 'a new line\n')], 3);
    await session.settled();
    assert.deepEqual(
      found(session)
        .filter(([, toxic]) => toxic)
        .map(([line]) => line),
      [52, 2043, 2052],
    );
    session.show(0, 20);
    await session.settled();
    assert.ok(found(session).every(([line]) => line <= 101));
  });
});
