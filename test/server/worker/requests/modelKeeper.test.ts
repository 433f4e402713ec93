import assert from 'node:assert/strict';
import { ModelKeeper } from '../../../../server/worker/requests/modelKeeper.ts';
import { until } from '../../../until.ts';
import { fakeHost } from '../fakeHost.ts';

const request = (model: string, keep = true) => {
  const { signal } = new AbortController();
  return { model, keep, signal, device: 'auto', threads: 0 } as const;
};

describe('a model kept in the engine process', () => {
  const nothing = () => Promise.resolve();

  it('is opened once for the requests about it, and goes for another or when it is not to stay', async () => {
    const host = fakeHost();
    const keeper = new ModelKeeper(host);
    await Promise.all([keeper.with(request('a'), nothing), keeper.with(request('a'), nothing)]);
    assert.deepEqual([host.opened.length, host.open()], [1, 1]);
    assert.equal(await keeper.with(request('b', false), () => Promise.resolve(host.open())), 1);
    assert.deepEqual([host.opened.length, host.open()], [2, 0]);
  });

  it('goes when nobody asks for a while, and no other is opened until it is gone', async () => {
    const said: string[] = [];
    let gone: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => (gone = resolve));
    const host = fakeHost();
    const slow: typeof host = {
      ...host,
      openModel: async (reference, options) => {
        said.push(`open ${reference}`);
        const model = await host.openModel(reference, options);
        const dispose = async () => {
          said.push(`close ${reference}`);
          await closed;
          await model.dispose();
        };
        return Object.assign(Object.create(model) as typeof model, { dispose });
      },
    };
    const keeper = new ModelKeeper(slow, { idle: 1 });
    await keeper.with(request('a'), nothing);
    await until(() => said.includes('close a'));
    const asked = keeper.with(request('b'), () => Promise.resolve(host.open()));
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    assert.deepEqual(said, ['open a', 'close a']);
    gone();
    assert.equal(await asked, 1);
    assert.deepEqual(said, ['open a', 'close a', 'open b']);
  });

  it('that cannot be closed when its time is over keeps nobody from the next', async () => {
    const host = fakeHost();
    let tried = 0;
    const stuck: typeof host = {
      ...host,
      openModel: async (reference, options) => {
        const model = await host.openModel(reference, options);
        const dispose = () => (tried++, Promise.reject(new Error('stuck')));
        return reference === 'a' ? Object.assign(Object.create(model) as typeof model, { dispose }) : model;
      },
    };
    const keeper = new ModelKeeper(stuck, { idle: 1 });
    await keeper.with(request('a'), nothing);
    await until(() => tried === 1);
    await keeper.with(request('b', false), nothing);
    assert.equal(host.opened.length, 2);
  });
});
