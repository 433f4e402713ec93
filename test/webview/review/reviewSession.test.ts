import assert from 'node:assert/strict';
import { openClient, serve, type Handlers } from '../../../server/protocol/messages/channel.ts';
import { RankscopeError } from '../../../server/protocol/errors.ts';
import { panelContract, type PanelContract } from '../../../server/protocol/messages/panelContract.ts';
import { sampleReview } from '../../../scripts/panelHarness/sampleReview.ts';
import type { ReviewModel } from '../../../webview/review/reviewModel.ts';
import { reviewSession } from '../../../webview/review/reviewSession.ts';
import { linkedDuplex } from '../../server/protocol/linkedDuplex.ts';

/** A session against a host that writes labels unless `isBroken`. */
function session() {
  const { asking, answering } = linkedDuplex();
  const review = sampleReview(40);
  const state = { isBroken: false, written: [] as string[], errors: [] as unknown[], opened: [] as number[] };
  const handlers: Partial<Handlers<PanelContract>> = {
    'review.label': (params) => {
      if (state.isBroken) return Promise.reject(new RankscopeError({ code: 'disk', what: 'no room' }));
      state.written.push(`${params.content.replace(/^0+/, '')}:${params.label}`);
      return Promise.resolve(review.label(params));
    },
  };
  serve(panelContract, answering, handlers as Handlers<PanelContract>);
  let model: ReviewModel = { items: [], current: 0, said: [] };
  let labelledCount = 0;
  const made = reviewSession({
    client: openClient(panelContract, asking),
    file: '/data.jsonl',
    changed: (next) => (model = next),
    trust: (trust) => (labelledCount = trust.labelled),
    announce: () => undefined,
    error: (error) => state.errors.push(error),
    open: (line) => state.opened.push(line),
  });
  made.begin(review.items({ file: '/data.jsonl', flaggedOnly: true }).items);
  return { ...made, state, model: () => model, labelledCount: () => labelledCount };
}

describe('a review', () => {
  it('begins at the first text without a label', () => {
    const { model } = session();
    assert.equal(model().current, 6);
  });

  it('labels, goes on, and tells the trust that follows', async () => {
    const { act, model, written, state, labelledCount } = session();
    act('toxic');
    act('benign');
    act('unsure');
    await written();
    assert.deepEqual(state.written, ['c:toxic', 'e:benign', '10:unsure']);
    assert.equal(model().current, 9);
    assert.equal(model().items[6]?.label, 'toxic');
    assert.equal(labelledCount(), 14);
  });

  it('takes labels back one by one, to what was said before', async () => {
    const { act, choose, model, written, state } = session();
    choose(0);
    act('toxic');
    act('unsure');
    act('undo');
    assert.equal(model().current, 1);
    assert.equal(model().items[1]?.label, 'toxic');
    act('undo');
    act('undo');
    await written();
    assert.equal(model().items[0]?.label, 'benign');
    assert.deepEqual(state.written, [':toxic', '2:unsure', '2:null', ':null']);
  });

  it('takes a label that could not be written away again, and says why', async () => {
    const { act, model, written, state } = session();
    state.isBroken = true;
    act('toxic');
    assert.equal(model().items[6]?.label, 'toxic');
    await written();
    assert.equal(model().items[6]?.label, undefined);
    assert.deepEqual(model().said, []);
    assert.match(String(state.errors[0]), /no room/);
  });

  it('keeps a label that could not be taken back', async () => {
    const { act, model, written, state } = session();
    act('toxic');
    await written();
    state.isBroken = true;
    act('undo');
    await written();
    assert.equal(model().items[6]?.label, 'toxic');
    assert.equal(model().said.length, 1);
  });

  it('stays inside the list, opens lines, and does nothing with an empty list', () => {
    const { act, begin, model, state } = session();
    act('first');
    act('previous');
    assert.equal(model().current, 0);
    act('last');
    act('next');
    assert.equal(model().current, 19);
    act('open');
    assert.deepEqual(state.opened, [38]);
    begin([]);
    for (const action of ['next', 'toxic', 'undo', 'open'] as const) act(action);
    assert.deepEqual(model(), { items: [], current: 0, said: [] });
  });
});
