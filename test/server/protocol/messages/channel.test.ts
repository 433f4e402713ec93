import assert from 'node:assert/strict';
import { z } from 'zod';
import { openClient, serve, type Handlers } from '../../../../server/protocol/messages/channel.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { linkedDuplex } from '../linkedDuplex.ts';

const contract = {
  double: { params: z.object({ value: z.number() }), result: z.number(), event: z.never() },
  count: { params: z.object({ to: z.number() }), result: z.string(), event: z.number() },
  fail: { params: z.object({ how: z.string() }), result: z.null(), event: z.never() },
  wait: { params: z.null(), result: z.null(), event: z.never() },
};

function start(overrides: Partial<Handlers<typeof contract>> = {}) {
  const link = linkedDuplex();
  const faults: unknown[] = [];
  const handlers: Handlers<typeof contract> = {
    double: ({ value }) => Promise.resolve(value * 2),
    count: ({ to }, { emit }) => {
      for (let i = 1; i <= to; i += 1) emit(i);
      return Promise.resolve('done');
    },
    fail: ({ how }) => {
      if (how === 'ours') throw new RankscopeError({ code: 'disk', what: 'full', where: '/x', remedy: 'Free some.' });
      throw new TypeError('unforeseen');
    },
    wait: (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as RankscopeError));
      }),
    ...overrides,
  };
  serve(contract, link.answering, handlers, { onFault: (error) => faults.push(error) });
  return { ...link, faults, client: openClient(contract, link.asking) };
}

const withCode =
  (code: string, pattern = /./) =>
  (error: unknown) => {
    assert.ok(error instanceof RankscopeError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, pattern);
    return true;
  };

describe('channel', () => {
  it('answers a request', async () => {
    assert.equal(await start().client.request('double', { value: 21 }), 42);
  });

  it('keeps the answers of concurrent requests apart', async () => {
    const { client } = start();
    assert.deepEqual(await Promise.all([1, 2, 3].map((value) => client.request('double', { value }))), [2, 4, 6]);
  });

  it('delivers events in order, before the reply', async () => {
    const seen: number[] = [];
    const result = await start().client.request('count', { to: 3 }, { onEvent: (n) => seen.push(n) });
    assert.deepEqual([seen, result], [[1, 2, 3], 'done']);
  });

  it('turns a RankscopeError thrown inside a handler into the same error for the asker', async () => {
    const { client, faults } = start();
    await assert.rejects(client.request('fail', { how: 'ours' }), (error) => {
      assert.ok(error instanceof RankscopeError);
      assert.deepEqual(error.details, { code: 'disk', what: 'full', where: '/x', remedy: 'Free some.' });
      return true;
    });
    assert.equal(faults.length, 1);
  });

  it('turns anything else thrown inside a handler into an internal error, and goes on serving', async () => {
    const { client } = start();
    await assert.rejects(client.request('fail', { how: 'other' }), withCode('internal', /unforeseen/));
    assert.equal(await client.request('double', { value: 1 }), 2);
  });

  it('answers with an error when a result cannot be serialised', async () => {
    const { client } = start({ double: () => Promise.resolve((() => 1) as unknown as number) });
    await assert.rejects(client.request('double', { value: 1 }), withCode('internal', /could not be cloned/));
  });

  it('refuses parameters, methods and results that do not fit the contract', async () => {
    const { client } = start({ double: () => Promise.resolve('two' as unknown as number) });
    await assert.rejects(client.request('count', { to: 'x' as unknown as number }), withCode('usage', /count/));
    await assert.rejects(client.request('toString' as 'wait', null), withCode('usage', /no request "toString"/));
    await assert.rejects(client.request('double', { value: 1 }), withCode('internal', /does not fit/));
  });

  it('ends a request whose event does not fit the contract', async () => {
    const { client } = start({
      count: (_, { emit }) => {
        emit('one' as unknown as number);
        return Promise.resolve('done');
      },
    });
    await assert.rejects(client.request('count', { to: 1 }), withCode('internal', /does not fit/));
  });

  it('ends a request whose answer does not have the shape of an answer', async () => {
    const { asking, answering } = linkedDuplex();
    const client = openClient(contract, asking);
    const answers = [
      { tag: 'error', id: 1, error: 'no' },
      { tag: 'reply', id: 2 },
      { tag: 'shout', id: 3 },
    ];
    answering.onMessage(() => answering.send(answers.shift()));
    for (let i = 0; i < 3; i++)
      await assert.rejects(client.request('wait', null), withCode('internal', /does not fit/));
  });

  it('cancels through the signal', async () => {
    const { client } = start();
    const controller = new AbortController();
    const waiting = client.request('wait', null, { signal: controller.signal });
    controller.abort();
    await assert.rejects(waiting, withCode('cancelled'));
    await assert.rejects(client.request('wait', null, { signal: controller.signal }), withCode('cancelled'));
  });

  it('fails everything open, and everything after, when the other end is gone', async () => {
    const { client, close } = start({ wait: () => new Promise(() => undefined) });
    const waiting = client.request('wait', null);
    close({ code: 'engine', what: 'the engine process died (SIGKILL)' });
    await assert.rejects(waiting, withCode('engine', /SIGKILL/));
    await assert.rejects(client.request('double', { value: 1 }), withCode('engine', /SIGKILL/));
  });

  it('aborts running handlers when the asking end closes', async () => {
    let aborted = false;
    const { client, close } = start({
      wait: (_, { signal }) =>
        new Promise(() => {
          signal.addEventListener('abort', () => (aborted = true));
        }),
    });
    client.request('wait', null).catch(() => undefined);
    await new Promise(setImmediate);
    close({ code: 'engine', what: 'gone' });
    assert.ok(aborted);
  });

  it('reports a message that is no request, and ignores answers to nothing', async () => {
    const { asking, answering, faults, client } = start();
    asking.send({ nonsense: true });
    answering.send({ tag: 'reply', id: 999, result: 1 });
    answering.send(null);
    assert.equal(await client.request('double', { value: 2 }), 4);
    assert.equal(faults.length, 1);
  });
});
