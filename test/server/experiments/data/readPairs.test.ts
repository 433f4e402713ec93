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

  it('takes of a chat its last answer and question, with all turns beside them', async () => {
    const message = (role: string, content = role) => ({ role, content });
    const single = [message('user'), message('assistant')];
    const several = [message('system'), message('user', 'a'), message('assistant', 'b'), ...single];
    const chats = file('c.jsonl', { messages: single }, { messages: [...several, message('user', 'bye')] });
    assert.deepEqual(await readPairs({ file: chats }), [
      { prompt: 'user', completion: 'assistant', turns: single },
      { prompt: 'user', completion: 'assistant', turns: several },
    ]);
    await assert.rejects(readPairs({ file: file('e.jsonl', { text: 'x' }) }), { message: /no prompt/ });
  });

  it('joins the messages of a prompt with those of its completion, whatever the roles are called', async () => {
    const line = {
      prompt: [{ from: 'human', value: 'q' }],
      completion: [{ role: 'assistant', content: [{ type: 'text', text: 'a' }] }],
    };
    const turns = [
      { role: 'user', content: 'q' },
      { role: 'assistant', content: 'a' },
    ];
    assert.deepEqual(await readPairs({ file: file('g.jsonl', line) }), [{ prompt: 'q', completion: 'a', turns }]);
  });

  it('refuses a chat of which a message is no text, or calls a tool', async () => {
    const chat = (other: object) => ({
      messages: [{ role: 'user', content: 'q' }, other, { role: 'assistant', content: 'a' }],
    });
    for (const other of [
      { role: 'tool', content: '4' },
      { role: 'assistant', content: 'wait', tool_calls: [{ id: 1 }] },
      { role: 'assistant', content: null },
    ]) {
      const refused = readPairs({ file: file('h.jsonl', chat(other)) });
      await assert.rejects(refused, { code: 'data', message: /h\.jsonl:1.*2 messages/ });
    }
  });
});
