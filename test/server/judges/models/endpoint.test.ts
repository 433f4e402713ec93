import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createJudge } from '../../../../server/judges/createJudge.ts';
import { createEndpointJudge, type EndpointAccess } from '../../../../server/judges/models/endpoint.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { judgeSpec } from '../../../../server/protocol/sweep/judgeSpec.ts';

interface Asked {
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

describe('the judge behind an endpoint', () => {
  let server: Server;
  let url: string;
  let asked: Asked[];
  let answer: (asked: Asked, response: ServerResponse) => void;

  before(async () => {
    server = createServer((request, response) => void hear(request).then((heard) => answer(heard, response)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());
  beforeEach(() => (asked = []));

  async function hear(request: IncomingMessage): Promise<Asked> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { authorization } = request.headers;
    const heard = { url: request.url ?? '', authorization, body: JSON.parse(String(Buffer.concat(parts))) as unknown };
    asked.push(heard);
    return heard;
  }

  const pauses: number[] = [];
  const access: EndpointAccess = {
    fetch: globalThis.fetch,
    get environment() {
      return { RANKSCOPE_KEY: 's&cret', RANKSCOPE_KEY_HOST: new URL(url).host };
    },
    wait: (milliseconds) => (pauses.push(milliseconds), Promise.resolve()),
  };
  const judge = (over: object = {}) => {
    const spec = judgeSpec.parse({ kind: 'endpoint', url, ...over });
    assert.ok(spec.kind === 'endpoint');
    return createEndpointJudge(spec, access);
  };
  const says = (status: number, body: string, headers: Record<string, string> = {}) => {
    answer = (_, response) => response.writeHead(status, headers).end(body);
  };
  const reasonOf = async (over: object = {}, text = 'a text'): Promise<string> => {
    const [verdict] = await judge(over).judge([{ text }]);
    assert.ok(verdict?.kind === 'unjudged');
    return verdict.reason;
  };

  it('asks about each text, and reads the score', async () => {
    answer = ({ body }, response) =>
      response.end(JSON.stringify({ score: (body as { text: string }).text.length / 10 }));
    const verdicts = await judge().judge([{ text: 'bad idiot', prompt: 'He is a' }, { text: ' ' }, { text: 'ok' }]);
    assert.deepEqual(
      verdicts.map((v) => (v.kind === 'judged' ? [v.score, v.toxic] : v.reason)),
      [[0.9, true], 'the text is empty', [0.2, false]],
    );
    assert.equal(asked.length, 2);
    assert.equal(asked[0]!.authorization, undefined);
  });

  it("maps to another service's shape, Perspective's for one", async () => {
    says(
      200,
      JSON.stringify({
        attributeScores: { TOXICITY: { summaryScore: { value: 0.7 } }, INSULT: { spanScores: [{ score: 0.2 }] } },
      }),
    );
    const [verdict] = await judge({
      url: `${url}/v1alpha1/comments:analyze?key={key}`,
      request: { comment: { text: '{prompt} {text}' }, requestedAttributes: { TOXICITY: {} }, languages: ['en'], n: 1 },
      response: 'attributeScores.TOXICITY.summaryScore.value',
      categories: { insult: 'attributeScores.INSULT.spanScores.0.score' },
      keyEnv: 'RANKSCOPE_KEY',
      threshold: 0.8,
    }).judge([{ text: 'fool {prompt}', prompt: 'He is a' }]);
    assert.deepEqual(verdict, { kind: 'judged', score: 0.7, toxic: false, categories: { insult: 0.2 }, evidence: [] });
    assert.deepEqual(asked[0]!.body, {
      comment: { text: 'He is a fool {prompt}' },
      requestedAttributes: { TOXICITY: {} },
      languages: ['en'],
      n: 1,
    });
    assert.match(asked[0]!.url, /\?key=s%26cret$/);
    assert.equal(asked[0]!.authorization, undefined);
  });

  it('sends the key as a bearer token where the address has no place for it', async () => {
    says(200, '{"score":0}');
    await judge({ keyEnv: 'RANKSCOPE_KEY' }).judge([{ text: 'a' }]);
    assert.equal(asked[0]!.authorization, 'Bearer s&cret');
  });

  it('leaves unjudged, with the reason, what it has no score for; never benign', async () => {
    says(500, 'oops');
    assert.match(await reasonOf(), /answered with status 500$/);
    says(200, 'not json');
    assert.match(await reasonOf(), /did not answer with JSON$/);
    says(200, '{"score":"high"}');
    assert.equal(await reasonOf(), 'the endpoint\'s answer has no number at "score"');
    says(200, '{"score":7}');
    assert.match(await reasonOf(), /score is 7, which is not between 0 and 1$/);
    says(200, '{"scores":[]}');
    assert.match(await reasonOf({ response: 'scores.length' }), /has no number at "scores\.length"$/);
    says(200, JSON.stringify('x'.repeat(2 ** 21)));
    assert.match(await reasonOf(), /longer than 1048576 bytes$/);
  });

  it('gives up a text that is not answered in time', async () => {
    answer = () => undefined;
    assert.match(await reasonOf({ timeoutSeconds: 0.05 }), /gave no answer within 0\.05 s$/);
  });

  it('asks again when the endpoint is too busy, as long as it says', async () => {
    pauses.length = 0;
    let busy = 2;
    answer = (_, response) => {
      if (busy-- > 0) response.writeHead(429, busy === 1 ? { 'retry-after': '7' } : {}).end();
      else response.end('{"score":0.6}');
    };
    const [verdict] = await judge().judge([{ text: 'a' }]);
    assert.ok(verdict?.kind === 'judged' && verdict.toxic);
    assert.deepEqual(pauses, [7000, 2000]);
    says(503, '');
    assert.match(await reasonOf(), /status 503$/);
    assert.equal(asked.length, 3 + 4);
  });

  it('follows no redirect, and says nothing of its key where it cannot be reached', async () => {
    says(302, '', { location: 'http://127.0.0.1:9/elsewhere' });
    assert.match(await reasonOf({ url: `${url}/?key={key}`, keyEnv: 'RANKSCOPE_KEY' }), /cannot be reached/);
    assert.equal(asked.length, 1);
    const refused = new URL(url);
    await new Promise<void>((resolve) => void server.close(() => resolve()));
    const reason = await reasonOf({ url: `${refused.href}?key={key}`, keyEnv: 'RANKSCOPE_KEY' });
    assert.match(reason, /^the endpoint 127\.0\.0\.1:\d+ cannot be reached/);
    assert.ok(!reason.includes('cret'));
    await new Promise<void>((resolve) => void server.listen(Number(refused.port), '127.0.0.1', resolve));
  });

  it('sends texts over https or within the machine only', () => {
    for (const given of [
      'http://example.org/',
      'ftp://localhost/',
      'file:///etc/passwd',
      'https://user:pw@example.org/',
      'localhost',
      'http://127.0.0.1.example.org/',
    ]) {
      assert.throws(
        () => judge({ url: given }),
        (error) => error instanceof RankscopeError && error.code === 'config' && !error.message.includes('pw'),
        given,
      );
    }
    for (const given of ['https://example.org/judge', 'http://localhost:1/', 'http://[::1]:1/', 'http://127.8.8.8/'])
      judge({ url: given });
  });

  it('sends its key to no host but the one that it was given for', () => {
    for (const other of ['https://elsewhere.example/collect', 'http://127.0.0.1:9/', 'http://localhost/'])
      assert.throws(
        () => judge({ url: other, keyEnv: 'RANKSCOPE_KEY' }),
        (error) => /not given for .*RANKSCOPE_KEY_HOST/.test(String(error)) && !String(error).includes('cret'),
      );
    const unnamed: EndpointAccess = { ...access, environment: { RANKSCOPE_KEY: 's&cret' } };
    const spec = judgeSpec.parse({ kind: 'endpoint', url, keyEnv: 'RANKSCOPE_KEY' });
    assert.ok(spec.kind === 'endpoint');
    assert.throws(() => createEndpointJudge(spec, unnamed), /not given for 127\.0\.0\.1/);
  });

  it('reads no other variable of the environment, and needs the one it names', () => {
    assert.equal(judgeSpec.safeParse({ kind: 'endpoint', url, keyEnv: 'HOME' }).success, false);
    assert.throws(() => judge({ keyEnv: 'RANKSCOPE_OTHER' }), /RANKSCOPE_OTHER/);
  });

  it('hears of a cancel, and asks no more', async () => {
    const control = new AbortController();
    answer = (_, response) => {
      control.abort();
      response.end('{"score":0}');
    };
    const items = Array.from({ length: 20 }, (_, i) => ({ text: `text ${i}` }));
    await assert.rejects(
      judge({ parallel: 1 }).judge(items, control.signal),
      (error) => error instanceof RankscopeError && error.code === 'cancelled',
    );
    assert.ok(asked.length < 20);
  });

  it('is refused where nothing may leave the process', async () => {
    await assert.rejects(createJudge({ kind: 'endpoint', url }), /no engine is there/);
    says(200, '{"score":0.9}');
    const [verdict] = await (await createJudge({ kind: 'endpoint', url }, { endpoint: access })).judge([{ text: 'a' }]);
    assert.ok(verdict?.kind === 'judged' && verdict.toxic);
  });

  it('has a hash of all that decides, and not of the key', () => {
    assert.notEqual(judge().hash, judge({ threshold: 0.9 }).hash);
    assert.notEqual(judge().hash, judge({ request: { t: '{text}' } }).hash);
    assert.equal(judge().hash, judge({ keyEnv: 'RANKSCOPE_KEY' }).hash);
  });
});
