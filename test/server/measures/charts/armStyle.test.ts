import assert from 'node:assert/strict';
import { armStyles, styleOf } from '../../../../server/measures/charts/armStyle.ts';
import { evenly } from '../../../../server/measures/charts/evenly.ts';

describe('the styles of the arms of a run', () => {
  const arms = [
    { id: 'base', method: 'base' },
    ...Array.from({ length: 9 }, (_, i) => ({ id: `r${i}`, method: 'lora' })),
    { id: 'full', method: 'full' },
  ];
  const styles = armStyles(arms);

  it('count through eight colours, five dashes and five markers, the base left out', () => {
    assert.deepEqual(styles.get('r0'), { colour: 0, dash: [], marker: 'circle' });
    assert.deepEqual(styles.get('r1'), { colour: 1, dash: [7, 3], marker: 'square' });
    assert.deepEqual(styles.get('r7'), { colour: 7, dash: [2, 3], marker: 'triangle' });
    assert.deepEqual(styles.get('r8'), { colour: 0, dash: [9, 3, 2, 3], marker: 'diamond' });
    assert.deepEqual(styles.get('full'), { colour: 1, dash: [14, 4], marker: 'cross' });
  });

  it("are the base's for an arm that is not known: the colour of text, solid", () => {
    const base = { colour: -1, dash: [], marker: 'circle' };
    assert.deepEqual(styles.get('base'), base);
    assert.deepEqual(styleOf(styles, 'of another run'), base);
    assert.deepEqual(styleOf(styles, 'r1'), styles.get('r1'));
  });
});

describe('items evenly spaced', () => {
  const ten = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

  it('are the first, the last, and those nearest to equal distances', () => {
    assert.deepEqual(evenly(ten, 4), [0, 3, 6, 9]);
    assert.deepEqual(evenly(ten, 3), [0, 5, 9]);
    assert.deepEqual(evenly(ten, 2), [0, 9]);
  });

  it('are all of them where there are no more', () => {
    assert.equal(evenly(ten, 10), ten);
    assert.equal(evenly(ten, 99), ten);
  });
});
