import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPairs } from '../../../../server/experiments/data/readPairs.ts';

describe('readPairs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pairs-'));
  after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, ...lines: (object | string)[]): string => {
    const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it('leaves out rejected answers and those that KTO labels false', async () => {
    const pairs = file(
      'a.jsonl',
      { prompt: 'p', chosen: 'good', rejected: 'bad' },
      { prompt: 'q', completion: 'yes', label: true },
      { prompt: 'q', completion: 'no', label: false },
    );
    assert.deepEqual(await readPairs({ file: pairs }), [
      { prompt: 'p', completion: 'good' },
      { prompt: 'q', completion: 'yes' },
    ]);
    assert.equal((await readPairs({ file: pairs, limit: 1 })).length, 1);
    const none = file('none.jsonl', { prompt: 'q', completion: 'no', label: false });
    await assert.rejects(readPairs({ file: none }), { code: 'data', message: /labelled false/ });
  });

  it('asks what a column of true and false means', async () => {
    const table = file('b.csv', 'prompt,completion,toxic', 'p,c,False');
    await assert.rejects(readPairs({ file: table }), { code: 'data', message: /b\.csv:2.*labelled "False"/ });
  });

  it('refuses a conversation of several messages, which it would join without the template of the model', async () => {
    const message = (role: string) => ({ role, content: role });
    const single = file('c.jsonl', { messages: [message('user'), message('assistant')] });
    assert.deepEqual(await readPairs({ file: single }), [{ prompt: 'user', completion: 'assistant' }]);
    const several = file('d.jsonl', { messages: ['system', 'user', 'assistant'].map(message) });
    await assert.rejects(readPairs({ file: several }), { code: 'data', message: /d\.jsonl:1.*2 messages/ });
    await assert.rejects(readPairs({ file: file('e.jsonl', { text: 'x' }) }), { message: /no prompt/ });
  });
});
