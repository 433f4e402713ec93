import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { contentHash } from '../../../../server/judges/labels/human.ts';
import { noProgress } from '../../../../server/lsp/documents/workProgress.ts';
import { createOpenDocuments } from '../../../../server/lsp/documents/openDocuments.ts';
import { editorSettings } from '../../../../server/protocol/editor.ts';
import { until } from '../../../until.ts';
import { testJudge } from '../testJudge.ts';

/** The writing end of a pipe, which can be had without waiting only when somebody has begun to read it. */
async function untilRead(pipe: string): Promise<FileHandle | undefined> {
  let end: FileHandle | undefined;
  await until(async () => {
    end = await open(pipe, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => undefined);
    return end !== undefined;
  });
  return end;
}

describe('open documents', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'rankscope-open-'))));
  afterEach(() => rm(folder, { recursive: true }));

  const content = contentHash({ text: 'zounds' });
  const label = (author: string) => `${JSON.stringify({ content, label: 'benign', author, time: 5 })}\n`;

  it('keep the labels that were read last, though an earlier read ends later', async () => {
    const settings = editorSettings.parse({});
    const ports = { settings: () => settings, openJudge: testJudge, news: () => undefined, progress: () => noProgress };
    const documents = createOpenDocuments(ports);
    const file = join(folder, 'a.txt');
    const labels = `${file}.labels.jsonl`;
    const uri = pathToFileURL(file).href;
    documents.open({ uri, version: 1, text: 'zounds' });
    await documents.readLabels(uri);
    // Whoever reads a pipe waits for what somebody writes to it; Windows has none, and there both reads end in order.
    const isPipe = spawnSync('mkfifo', [labels]).status === 0;
    if (!isPipe) await writeFile(labels, label('before'));
    const early = documents.readLabels(uri);
    const pipe = isPipe ? await untilRead(labels) : undefined;
    if (!isPipe) await early;
    await rm(labels);
    await writeFile(labels, label('after'));
    await documents.readLabels(uri);
    await pipe?.writeFile(label('before'));
    await pipe?.close();
    await early;
    const { document } = documents.need(uri);
    assert.deepEqual(
      document.labels.standing().map(({ author }) => author),
      ['after'],
    );
    documents.close(uri);
  });
});
