import assert from 'node:assert/strict';
import { contentHash } from '../../../../server/judges/labels/human.ts';
import type { LabelFileContent } from '../../../../server/judges/labels/labelFile.ts';
import { noProgress } from '../../../../server/lsp/documents/workProgress.ts';
import { createOpenDocuments } from '../../../../server/lsp/documents/openDocuments.ts';
import { editorSettings } from '../../../../server/protocol/messages/editor.ts';
import { testJudge } from '../testJudge.ts';

describe('open documents', () => {
  const content = contentHash({ text: 'zounds' });
  const labelled = (author: string): LabelFileContent => ({
    records: [{ content, label: 'benign', author, time: 5 }],
    broken: [],
  });

  it('keep the labels that were read last, though an earlier read ends later', async () => {
    const settings = editorSettings.parse({});
    const ports = { settings: () => settings, openJudge: testJudge, news: () => undefined, progress: () => noProgress };
    const answers: ((content: LabelFileContent) => void)[] = [];
    const documents = createOpenDocuments(ports, () => new Promise((resolve) => answers.push(resolve)));
    const uri = 'file:///a.txt';
    documents.open({ uri, version: 1, text: 'zounds' });
    const [early, late] = [documents.readLabels(uri), documents.readLabels(uri)];
    // The first read is that of opening the document.
    answers[2]?.(labelled('after'));
    await late;
    answers[1]?.(labelled('before'));
    await early;
    const { document } = documents.need(uri);
    assert.deepEqual(
      document.labels.standing().map(({ author }) => author),
      ['after'],
    );
    documents.close(uri);
  });
});
