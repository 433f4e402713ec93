import assert from 'node:assert/strict';
import { frames } from '../../../webview/page/frames.ts';

/** A window whose frames and clock a test moves. */
function fakeWindow() {
  const asked: (() => void)[] = [];
  const shown: (() => void)[] = [];
  const state = { hidden: false, time: 0 };
  return {
    state,
    asked,
    show() {
      state.hidden = false;
      for (const listener of shown) listener();
    },
    frame: () => asked.shift()?.(),
    source: {
      isHidden: () => state.hidden,
      onShown: (listener: () => void) => void shown.push(listener),
      next: (frame: () => void) => void asked.push(frame),
      now: () => state.time,
    },
  };
}

describe('drawing in frames', () => {
  it('draws what was asked for last, once a frame', () => {
    const fake = fakeWindow();
    const { request } = frames(fake.source);
    const chart = {};
    const drawn: number[] = [];
    for (const value of [1, 2, 3]) request(chart, () => drawn.push(value));
    assert.equal(fake.asked.length, 1);
    fake.frame();
    assert.deepEqual(drawn, [3]);
    assert.equal(fake.asked.length, 0);
  });

  it('leaves to the next frame what does not fit into this one', () => {
    const fake = fakeWindow();
    const { request } = frames(fake.source);
    const drawn: string[] = [];
    for (const name of ['a', 'b']) {
      request({}, () => {
        drawn.push(name);
        fake.state.time += 10;
      });
    }
    fake.frame();
    assert.deepEqual(drawn, ['a']);
    fake.frame();
    assert.deepEqual(drawn, ['a', 'b']);
  });

  it('draws nothing while hidden, and everything once shown', () => {
    const fake = fakeWindow();
    fake.state.hidden = true;
    const { request } = frames(fake.source);
    let drawn = 0;
    request({}, () => drawn++);
    assert.equal(fake.asked.length, 0);
    fake.show();
    fake.frame();
    assert.equal(drawn, 1);
  });
});
