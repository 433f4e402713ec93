import assert from 'node:assert/strict';
import { compileAll } from '../../../../server/engine/programs/compileAll.ts';

describe('compileAll', () => {
  const log: string[] = [];
  const opening = (name: string) => () => {
    log.push(`open ${name}`);
    const release = () => Promise.resolve(void log.push(`release ${name}`));
    return Promise.resolve({ name, release });
  };
  const failing = () => Promise.reject(new RangeError('no memory'));
  beforeEach(() => log.splice(0));

  it('gives all that it was to make, in order', async () => {
    const made = await compileAll(opening('a'), opening('b'));
    assert.deepEqual(
      [made.map(({ name }) => name), log],
      [
        ['a', 'b'],
        ['open a', 'open b'],
      ],
    );
  });

  it('releases what was made before one that fails, and tells of that', async () => {
    await assert.rejects(compileAll(opening('a'), opening('b'), failing, opening('c')), /no memory/);
    assert.deepEqual(log, ['open a', 'open b', 'release b', 'release a']);
  });
});
