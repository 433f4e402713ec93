import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { contentHash } from '../../../server/judges/labels/human.ts';
import type { Handlers } from '../../../server/protocol/messages/channel.ts';
import type { WorkerContract } from '../../../server/protocol/messages/worker.ts';
import { answerJudge } from '../../../server/worker/requests/answerJudge.ts';
import { createJudgeKeeper } from '../../../server/worker/judges/judgeKeeper.ts';
import { shapeFiles } from '../dataset/shapeFiles.ts';
import { fakeHost } from '../worker/fakeHost.ts';
import { rankscope } from './fakeEngine.ts';

const keeper = createJudgeKeeper(fakeHost());
const handlers: Partial<Handlers<WorkerContract>> = {
  judge: (params, context) => answerJudge(keeper, params, context),
};

describe('data files on the command line', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'rankscope-formats-'))));
  after(() => rm(folder, { recursive: true }));
  const write = async (name: string, content: string | Uint8Array) => {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  };
  const judged = (...args: string[]) => rankscope(args, { handlers });

  for (const { form, file, content, examples, toxic, takenFor } of shapeFiles) {
    it(`judge counts the texts of ${form} and says what they were read as, packed or not`, async () => {
      for (const [name, bytes] of [
        [file, content],
        [`${file}.gz`, gzipSync(content)],
      ] as const) {
        const path = await write(name, bytes);
        const { status, stdout, stderr } = await judged('judge', path);
        assert.equal(status, 0, stderr);
        assert.match(stdout, new RegExp(`^${toxic} of ${examples.length} toxic `, 'm'));
        assert.ok(stderr.includes(`${path} is read as ${takenFor}\n`), stderr);
      }
    });
  }

  const table = 'id,comment,who,rating\n1,you idiot,women,2\n2,a day,men,0\n3,what an idiot,men,2\n4,a song,women,\n';

  it('judge refuses a table without a known column, with those that are there and the option that names one', async () => {
    const path = await write('own.csv', table);
    const { status, stderr } = await judged('judge', path);
    assert.equal(status, 4);
    assert.match(stderr, /found id, comment, who, rating.*--columns text=NAME/s);
    const misspelt = await judged('judge', path, '--columns', 'text=coment');
    assert.match(misspelt.stderr, /no column "coment" for the text \(found id, comment, who, rating\)/);
    const unknown = await judged('judge', path, '--columns', 'words=comment');
    assert.equal(unknown.status, 2);
    assert.match(unknown.stderr, /--columns has "words=comment".*a role of text, prompt/);
  });

  it('judge reads the columns that are named, by one option or several', async () => {
    const path = await write('own.csv', table);
    const args = ['judge', path, '--columns', 'text=comment,group=who', '--columns', 'label=rating', '--json'];
    const { stdout, stderr } = await judged(...args, '--by', 'who');
    const { groups } = JSON.parse(stdout) as { groups: { group: string; toxic: number }[] };
    assert.deepEqual(
      groups.map(({ group, toxic }) => [group, toxic]),
      [
        ['men', 1],
        ['women', 1],
      ],
    );
    assert.match(stderr, /read as a table \(text: comment; label: rating; group: who\)/);
  });

  const matrixOf = async (...args: string[]) => {
    const { status, stdout, stderr } = await judged('agreement', ...args, '--json');
    assert.equal(status, 0, stderr);
    const { agreement } = JSON.parse(stdout) as { agreement: { n: number; matrix: Readonly<Record<string, number>> } };
    const { truePositive, falsePositive, trueNegative, falseNegative } = agreement.matrix;
    return { n: agreement.n, matrix: [truePositive, falsePositive, trueNegative, falseNegative], stderr };
  };

  it('agreement takes the label column of a data set as its authors mean it', async () => {
    const hateCheck = shapeFiles.find(({ form }) => form === 'HateCheck')!;
    const path = await write('labelled.csv', `${hateCheck.content}2,x,3,Such an idiot.,non-hateful,,\n`);
    const { n, matrix, stderr } = await matrixOf(path);
    assert.deepEqual([n, matrix], [3, [1, 1, 1, 0]]);
    assert.match(stderr, /labels of people: the column "label_gold"/);
    // Three is the middle of people's scale: nobody said.
    const toxiGen = shapeFiles.find(({ form }) => form === 'ToxiGen as people rated it')!;
    assert.equal((await matrixOf(await write('toxigen.csv', toxiGen.content))).n, 1);
  });

  it('agreement takes a column and the values that mean toxic by name, and leaves texts without a label out', async () => {
    const path = await write('own.csv', table);
    const columns = ['--columns', 'text=comment,label=rating'];
    const { n, matrix } = await matrixOf(path, ...columns, '--toxic', '2');
    assert.deepEqual([n, matrix], [3, [2, 0, 1, 0]]);
    const unclear = await judged('agreement', path, ...columns);
    assert.equal(unclear.status, 4);
    assert.match(unclear.stderr, /own\.csv:2: the label "2" does not say by itself.*--toxic 1,hate/s);
  });

  it('agreement goes by the label file where there is one and no column is named', async () => {
    const path = await write('both.csv', 'text,label\nyou idiot,toxic\na day,not toxic\n');
    assert.deepEqual((await matrixOf(path)).matrix, [1, 0, 1, 0]);
    const record = { content: contentHash({ text: 'you idiot' }), label: 'benign', author: 'ann', time: 1 };
    await write('both.csv.labels.jsonl', `${JSON.stringify(record)}\n`);
    const byHand = await matrixOf(path);
    assert.deepEqual([byHand.n, byHand.matrix], [1, [0, 1, 0, 0]]);
    assert.deepEqual((await matrixOf(path, '--columns', 'label=label')).matrix, [1, 0, 1, 0]);
  });

  it('agreement does not take for a word on toxicity whether an answer is to be learnt', async () => {
    const kto = shapeFiles.find(({ form }) => form === 'KTO')!;
    const { status, stderr } = await judged('agreement', await write('kto.jsonl', kto.content));
    assert.equal(status, 4);
    assert.match(stderr, /the label "false" does not say by itself whether the text is toxic/);
  });
});
