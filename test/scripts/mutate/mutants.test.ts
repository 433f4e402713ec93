import assert from 'node:assert/strict';
import ts from 'typescript';
import { mutantsOf } from '../../../scripts/mutate/mutants.ts';

const declared = `
interface Rate { readonly low: number; readonly high: number; readonly name: string }
declare const rate: Rate;
declare function bounds(low: number, high: number, name: string): void;
`;

/** What each mutant makes of a piece of code. */
function mutations(code: string): readonly string[] {
  const text = `${declared}${code}`;
  const source = ts.createSourceFile('a.ts', text, ts.ScriptTarget.Latest, true);
  const host = ts.createCompilerHost({});
  const program = ts.createProgram(
    ['a.ts'],
    { noLib: true },
    {
      ...host,
      getSourceFile: (name) => (name === 'a.ts' ? source : undefined),
    },
  );
  return mutantsOf(source, 'a.ts', program.getTypeChecker()).map(({ start, end, replacement }) => {
    return (text.slice(0, start) + replacement + text.slice(end)).slice(declared.length);
  });
}

describe('the faults that are planted', () => {
  it('swap operators and turn conditions', () => {
    assert.deepEqual(mutations('const a = rate.name === "x";').slice(0, 1), ['const a = rate.name !== "x";']);
    assert.deepEqual(mutations('if (flag) go;'), ['if (!(flag)) go;']);
    assert.deepEqual(mutations('const b = flag ? x : y;'), ['const b = flag ? y : x;']);
  });

  it('take another property of the same type, and no other', () => {
    assert.deepEqual(mutations('const a = rate.low;'), ['const a = rate.high;']);
    assert.deepEqual(mutations('const a = rate.name;'), []);
    assert.deepEqual(mutations('const { low } = rate;'), ['const { high: low } = rate;']);
    const code = 'const { low: x, high: y } = rate; const o = { x, y };';
    assert.deepEqual(
      mutations(code).map((each) => each.slice(34)),
      ['const o = { x: y, y };', 'const o = { x, y: x };'],
    );
  });

  it('swap arguments of the same type, change constants, and drop elements and calls', () => {
    assert.deepEqual(
      mutations('const c = bounds(low, 7, rate.name);').includes('const c = bounds(low, 8, rate.name);'),
      true,
    );
    assert.ok(
      mutations('const c = bounds(rate.low, rate.high, "n");').includes('const c = bounds(rate.high, rate.low, "n");'),
    );
    assert.deepEqual(mutations('const d = [x, y];'), ['const d = [y];', 'const d = [x];']);
    assert.deepEqual(mutations('go(x);'), ['undefined;']);
  });

  it('take the last for the first, and leave alone what is thrown', () => {
    assert.deepEqual(mutations('const e = list.find(x);'), ['const e = list.findLast(x);']);
    assert.deepEqual(mutations('throw fault(1, 2);'), []);
  });
});
