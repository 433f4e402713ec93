import assert from 'node:assert/strict';
import { confusionCells, trustFigures } from '../../../webview/review/trustTables.ts';
import { segments } from '../../../webview/review/segments.ts';
import { scrollTo, visibleRows } from '../../../webview/review/visibleRows.ts';

describe('the words that carried a verdict', () => {
  const word = (start: number, end: number, category = 'insult') => ({ start, end, category });

  it('are marked where they stand, in whatever order they come', () => {
    assert.deepEqual(segments('you stupid fool!', [word(11, 15), word(4, 10)]), [
      { text: 'you ' },
      { text: 'stupid', category: 'insult' },
      { text: ' ' },
      { text: 'fool', category: 'insult' },
      { text: '!' },
    ]);
  });

  it('lose nothing of the text when they overlap or lie outside it', () => {
    const cases = [[word(0, 5), word(3, 8)], [word(-4, 2)], [word(8, 40)], [word(5, 5)], []];
    for (const evidence of cases) {
      assert.equal(
        segments('0123456789', evidence)
          .map(({ text }) => text)
          .join(''),
        '0123456789',
      );
    }
  });
});

describe('evidence that overlaps', () => {
  const word = (start: number, end: number, category: string) => ({ start, end, category });

  it('is marked up to its end once, each part with the category of whoever came first', () => {
    assert.deepEqual(segments('0123456789', [word(0, 5, 'a'), word(3, 8, 'b'), word(4, 6, 'c')]), [
      { text: '01234', category: 'a' },
      { text: '567', category: 'b' },
      { text: '89' },
    ]);
  });

  it('is cut to the text', () => {
    assert.deepEqual(segments('0123', [word(-4, 1, 'a'), word(3, 40, 'b'), word(60, 70, 'c')]), [
      { text: '0', category: 'a' },
      { text: '12' },
      { text: '3', category: 'b' },
    ]);
    assert.deepEqual(segments('0123', [word(2, 2, 'a')]), [{ text: '0123' }]);
  });
});

describe('a long list', () => {
  it('builds what is on the screen and a little more', () => {
    assert.deepEqual(visibleRows(0, 260, 26, 10_000), { from: 0, to: 18 });
    assert.deepEqual(visibleRows(26_000, 260, 26, 10_000), { from: 992, to: 1018 });
    assert.deepEqual(visibleRows(260_000, 260, 26, 3), { from: 3, to: 3 });
  });

  it('scrolls as little as it must', () => {
    assert.equal(scrollTo(5, 0, 260, 26), 0);
    assert.equal(scrollTo(10, 0, 260, 26), 26);
    assert.equal(scrollTo(2, 260, 260, 26), 52);
    // A row that just fits at either edge stays where it is.
    assert.equal(scrollTo(10, 260, 260, 26), 260);
    assert.equal(scrollTo(19, 260, 260, 26), 260);
    assert.equal(scrollTo(20, 260, 260, 26), 286);
  });

  it('counts a row of which a part is on the screen', () => {
    assert.deepEqual(visibleRows(270, 250, 26, 10_000), { from: 2, to: 28 });
    assert.deepEqual(visibleRows(270, 251, 26, 10_000), { from: 2, to: 29 });
    assert.deepEqual(visibleRows(-500, 100, 26, 10), { from: 0, to: 0 });
  });
});

describe('the trust in a judge', () => {
  const trust = {
    labelled: 10,
    confusion: { truePositive: 3, falseNegative: 1, falsePositive: 0, trueNegative: 0 },
    accuracy: { value: 0.8, low: 0.5, high: 0.94 },
    kappa: { value: 0.123 },
    sensitivity: { unmeasured: 'no text is labelled toxic' },
    specificity: { value: 0.25 },
    judgedRate: { value: 0.4, low: 0.3, high: 0.5 },
    correctedRate: { unmeasured: 'the errors are unknown' },
  };

  it('is a matrix of human rows and judge columns, with shares of what the human said', () => {
    assert.deepEqual(confusionCells(trust), [
      [
        { count: 3, share: 0.75, agrees: true },
        { count: 1, share: 0.25, agrees: false },
      ],
      [
        { count: 0, agrees: false },
        { count: 0, agrees: true },
      ],
    ]);
  });

  it('says what cannot be measured', () => {
    assert.deepEqual(trustFigures(trust), [
      ['labelled', '10'],
      ['accuracy of the judge', '80.0 % [50.0, 94.0]'],
      ['sensitivity: toxic texts found', 'not measured: no text is labelled toxic'],
      ['specificity: other texts left alone', '25.0 %'],
      ["Cohen's kappa", '0.123'],
      ['toxicity rate as judged', '40.0 % [30.0, 50.0]'],
      ["rate corrected for the judge's errors", 'not measured: the errors are unknown'],
    ]);
  });
});
