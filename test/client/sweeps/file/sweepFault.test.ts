import assert from 'node:assert/strict';
import { faultPlace } from '../../../../client/sweeps/file/sweepFault.ts';

const file = '/w/a.sweep.json';
const text = '{\n  "arms": { "learningRate": 1 },\n  "training": { "epochs": 1 },\n  "learningRate": 2\n}\n';

describe('the place of a fault in a sweep file', () => {
  const at = (where: string | undefined): string => {
    const { start, end } = faultPlace(text, file, { where });
    return text.slice(start, end);
  };

  it('is the name of its field, looked for within what it stands in', () => {
    assert.equal(at(`${file}, training.epochs`), '"epochs"');
    assert.equal(at(`${file}, arms.learningRate`), '"learningRate"');
    assert.equal(faultPlace(text, file, { where: `${file}, arms.learningRate` }).start, text.indexOf('"learningRate"'));
    assert.equal(at('training'), '"training"');
  });

  it('is the nearest field that is there, or the first line', () => {
    assert.equal(at(`${file}, training.steps`), '"training"');
    assert.equal(at(`${file}, data.pairs`), '{');
    assert.equal(at('/w/pairs.jsonl:12'), '{');
    assert.equal(at(undefined), '{');
  });
});
