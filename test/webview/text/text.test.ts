import assert from 'node:assert/strict';
import { armLabels, baseName } from '../../../webview/parts/armOfLabel.ts';
import { signedPoints } from '../../../server/measures/text/format.ts';
import { markdownTable } from '../../../server/measures/text/markdown.ts';
import { bytes, decimal, duration, percent } from '../../../webview/text/format.ts';
import { oneLine, printable } from '../../../webview/text/printable.ts';
import { t, useStrings } from '../../../webview/text/strings.ts';

describe('how panels write', () => {
  it('numbers; what was not measured is never a zero', () => {
    assert.deepEqual([undefined, Number.NaN, 0, 0.00001234, 3.14159, 1234.5].map(decimal), [
      'not measured',
      'not measured',
      '0',
      '1.23e-5',
      '3.14',
      '1234.5',
    ]);
    assert.deepEqual([percent(0.1234), percent(undefined)], ['12.3 %', 'not measured']);
    assert.deepEqual([0.0123, -0.0123, -0.00001].map(signedPoints), ['+1.2', '-1.2', '0.0']);
    assert.deepEqual([0, 999, 1.5e9, undefined].map(bytes), ['0 B', '999 B', '1.50 GB', 'not measured']);
    assert.deepEqual([5, 125, 1800, 7500].map(duration), ['5 s', '2 min 5 s', '30 min', '2 h 5 min']);
  });

  it('untrusted text: controls and marks of direction become visible', () => {
    assert.equal(printable('a\u202eb\u0007c\nd\te'), 'a\\u{202e}b\\u{7}c\nd\te');
    assert.equal(oneLine('a\r\n\nb'), 'a ⏎ b');
    assert.equal(oneLine('abcdef', 3), 'abc…');
  });

  it('tables in Markdown that nothing in a cell can break out of', () => {
    const table = markdownTable({ header: ['a', 'b|c'], rows: [['<img src=x>', '[x](y)\nz'], ['only one']] });
    assert.equal(table, '| a | b\\|c |\n| --- | --- |\n| &lt;img src=x&gt; | \\[x\\](y) ⏎ z |\n| only one |  |');
  });

  it("strings in the editor's language, and in English where there is none", () => {
    useStrings({ 'Stop the arm {0}': 'Arm {0} anhalten' });
    assert.equal(t('Stop the arm {0}', 'r8'), 'Arm r8 anhalten');
    assert.equal(t('{0} of {1}', 3, 4), '3 of 4');
    assert.equal(t('constructor'), 'constructor');
    useStrings({});
  });

  it('arms, with their run where there are several', () => {
    assert.equal(baseName('C:\\runs\\demo\\'), 'demo');
    assert.deepEqual(armLabels([{ run: '/a/x', arm: 'r2' }]), ['r2']);
    assert.deepEqual(
      armLabels([
        { run: '/a/x', arm: 'r2' },
        { run: '/a/y', arm: 'r2' },
      ]),
      ['x/r2', 'y/r2'],
    );
    assert.deepEqual(
      armLabels([
        { run: '/a/x', arm: 'r2' },
        { run: '/b/x', arm: 'r2' },
      ]),
      ['/a/x/r2', '/b/x/r2'],
    );
  });
});
