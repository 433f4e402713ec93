import assert from 'node:assert/strict';
import { z } from 'zod';
import { pages, type Pages } from '../../../client/panels/pageDuplex.ts';
import { serve } from '../../../server/protocol/messages/channel.ts';

const contract = {
  hello: { params: z.null(), result: z.string(), event: z.never() },
  watch: { params: z.null(), result: z.null(), event: z.string() },
};

const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('the pages of a panel', () => {
  let posted: unknown[];
  let stopped: number;
  let page: Pages;

  beforeEach(() => {
    posted = [];
    stopped = 0;
    page = pages({ post: (message) => void posted.push(message) }, (duplex) =>
      serve(contract, duplex, {
        hello: () => Promise.resolve('here'),
        watch: (_, { emit, signal }) =>
          new Promise((resolve) => {
            emit('first');
            signal.addEventListener('abort', () => {
              stopped += 1;
              emit('after the end');
              resolve(null);
            });
          }),
      }),
    );
  });

  const ask = (id: number, method: string) => page.receive({ tag: 'request', id, method, params: null });

  it('are answered', async () => {
    ask(1, 'hello');
    await turn();
    assert.deepEqual(posted, [{ tag: 'reply', id: 1, result: 'here' }]);
  });

  it('end what the one before was waiting for when a new one says hello', async () => {
    ask(1, 'hello');
    ask(2, 'watch');
    await turn();
    ask(1, 'hello');
    await turn();
    assert.equal(stopped, 1);
    const texts = JSON.stringify(posted);
    assert.ok(texts.includes('first') && !texts.includes('after the end'));
  });

  it('get nothing any more once they are hidden', async () => {
    ask(1, 'hello');
    ask(2, 'watch');
    await turn();
    const before = posted.length;
    page.close();
    await turn();
    assert.equal(stopped, 1);
    assert.equal(posted.length, before);
  });
});
