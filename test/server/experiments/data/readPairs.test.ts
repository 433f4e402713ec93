import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPairs } from '../../../../server/experiments/data/readPairs.ts';

describe('readPairs', () => {
  it('takes the last answer of a chat alone, with all before it as its prompt', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rankscope-pairs-'));
    const file = join(folder, 'chats.jsonl');
    const messages = [
      { role: 'user', content: 'q1' },
      { role: 'assistant', content: 'a1' },
      { role: 'user', content: 'q2' },
      { role: 'assistant', content: 'a2' },
    ];
    await writeFile(file, JSON.stringify({ messages }));
    assert.deepEqual(await readPairs({ file }), [{ prompt: 'q1\na1\nq2', completion: 'a2' }]);
    await rm(folder, { recursive: true });
  });
});
