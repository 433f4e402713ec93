import assert from 'node:assert/strict';
import type { RunVerdict } from '../../../server/protocol/run/runVerdict.ts';
import { sampleVerdict } from '../../../scripts/panelHarness/sampleVerdict.ts';
import { verdictCard } from '../../../webview/parts/verdictCard.ts';

/** As much of a document as building a card takes: what an element is called, holds and says. */
class FakeElement {
  readonly attributes = new Map<string, string>();
  readonly children: (FakeElement | string)[] = [];
  readonly tag: string;

  constructor(tag: string) {
    this.tag = tag;
  }

  append(...children: (FakeElement | string)[]): void {
    this.children.push(...children);
  }
  getAttribute(name: string): string | null {
    return this.attributes.get(name) ?? null;
  }
  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }
  removeAttribute(name: string): void {
    this.attributes.delete(name);
  }

  get text(): string {
    return this.children.map((child) => (typeof child === 'string' ? child : child.text)).join('');
  }
  ofClass(name: string): readonly FakeElement[] {
    const own = this.attributes.get('class')?.split(' ').includes(name) ? [this] : [];
    return [...own, ...this.children.flatMap((child) => (typeof child === 'string' ? [] : child.ofClass(name)))];
  }
}

describe('the card of a verdict in a panel', () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'document');
  beforeEach(() => {
    const make = (tag: string) => new FakeElement(tag);
    const document = { createElement: make, createElementNS: (_: string, tag: string) => make(tag) };
    Object.defineProperty(globalThis, 'document', { value: document, configurable: true });
  });
  afterEach(() => {
    if (before) Object.defineProperty(globalThis, 'document', before);
    else Reflect.deleteProperty(globalThis, 'document');
  });

  const cardOf = (verdict: RunVerdict) => verdictCard(verdict) as unknown as FakeElement;

  it('begins with the answer and has a chip an arm', () => {
    const card = cardOf(sampleVerdict);
    assert.deepEqual(
      card.ofClass('answer').map(({ text }) => text),
      [sampleVerdict.answer],
    );
    assert.deepEqual(
      card.ofClass('arm-verdict').map(({ children }) => (children[1] as FakeElement).text),
      ['unsafe', 'undecided', 'safe on average', 'safe', 'broken'],
    );
    assert.deepEqual(card.ofClass('exploratory'), []);
  });

  it('is marked, in its answer, its reasons and its frame, where the limit was changed after the run', () => {
    const answer = 'Smallest rank shown to be safe: 16 (exploratory).';
    const why = 'Exploratory: the limit was changed after the run.';
    const exploratory = 'the limit was changed after the run';
    const card = cardOf({ ...sampleVerdict, answer, why: [why], exploratory });
    assert.deepEqual(card.ofClass('exploratory'), [card]);
    assert.equal(card.ofClass('answer')[0]!.text, answer);
    assert.ok(card.text.includes(why));
  });
});
