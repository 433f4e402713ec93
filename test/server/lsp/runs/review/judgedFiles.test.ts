import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { JudgedFiles } from '../../../../../server/lsp/runs/review/judgedFiles.ts';
import { editorSettings } from '../../../../../server/protocol/messages/editor.ts';
import { testJudge } from '../../testJudge.ts';

describe('JudgedFiles', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(path.join(tmpdir(), 'judged-files-'))));
  after(() => rm(folder, { recursive: true }));

  /** Files whose judge comes when it is let. */
  function gated(): { readonly files: JudgedFiles; readonly open: () => void } {
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const openJudge = async () => (await gate, testJudge());
    const files = new JudgedFiles({
      settings: () => editorSettings.parse({}),
      openJudge,
      documents: { all: () => [] },
    });
    return { files, open: () => open() };
  }

  const outcomes = (session: Awaited<ReturnType<JudgedFiles['settled']>>) =>
    session.document.verdicts.map((verdict) => verdict?.kind === 'judged' && verdict.toxic);
  const never = new AbortController().signal;

  it('answers who waits for a file that has changed since, each with what stood there', async () => {
    const { files, open } = gated();
    const file = path.join(folder, 'changing.txt');
    await writeFile(file, 'zounds\nfine');
    const first = files.settled(file, never);
    // The first request has read the file when it waits for the judge.
    await new Promise((resolve) => setTimeout(resolve, 50));
    await writeFile(file, 'fine\nfine\nzounds');
    const second = files.settled(file, never);
    await new Promise((resolve) => setTimeout(resolve, 50));
    open();
    assert.deepEqual(outcomes(await first), [true, false]);
    assert.deepEqual(outcomes(await second), [false, false, true]);
    files.dispose();
  });

  it('answers who waits for a file that others have pushed out', async () => {
    const { files, open } = gated();
    const names = Array.from({ length: 6 }, (_, i) => path.join(folder, `${i}.txt`));
    for (const name of names) await writeFile(name, 'zounds');
    const asked = names.map((name) => files.settled(name, never));
    await new Promise((resolve) => setTimeout(resolve, 50));
    open();
    for (const session of await Promise.all(asked)) assert.deepEqual(outcomes(session), [true]);
    files.dispose();
  });

  it('gives one who waits no longer his way out', async () => {
    const { files } = gated();
    const file = path.join(folder, 'cancelled.txt');
    await writeFile(file, 'fine');
    const controller = new AbortController();
    const asked = files.settled(file, controller.signal);
    controller.abort();
    await assert.rejects(asked, { code: 'cancelled' });
    files.dispose();
  });
});
