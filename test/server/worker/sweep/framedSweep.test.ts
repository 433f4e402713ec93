import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolveSweep } from '../../../../server/experiments/resolveSweep.ts';
import type { Pair } from '../../../../server/experiments/ports/modelPort.ts';
import type { ToxicitySweepFile } from '../../../../server/protocol/sweep/toxicitySweep.ts';
import { runFolder } from '../../../../server/runs/runFolder.ts';
import { readRecord } from '../../../../server/runs/readRun.ts';
import { surveyBase } from '../../../../server/worker/estimate/surveyBase.ts';
import { resumeSweep, startSweep } from '../../../../server/worker/sweep/startSweep.ts';
import { SweepControl } from '../../../../server/worker/sweep/sweepControl.ts';
import { FakeModel, type FakeOptions } from '../../experiments/fakeModel.ts';
import { sweepFolder, type SweepFolder } from '../../experiments/sweepFolder.ts';
import { fakeHost } from '../fakeHost.ts';

const files = { prompts: { file: 'prompts.jsonl' }, pairs: { file: 'pairs.jsonl' } };
const withChat = (chat: NonNullable<ToxicitySweepFile['data']['chat']>): Partial<ToxicitySweepFile> => ({
  data: { ...files, chat },
});

describe('a sweep on a model with a chat template', () => {
  const folders: SweepFolder[] = [];
  afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

  function folder(over: Partial<ToxicitySweepFile> = {}): SweepFolder {
    const made = sweepFolder(over);
    folders.push(made);
    return made;
  }

  /** A host whose models have a template, or none, and what was trained on and completed. */
  function hostWith(hasChatTemplate: boolean, options: FakeOptions = {}) {
    const host = fakeHost(options);
    const opened: FakeModel[] = [];
    const openModel: typeof host.openModel = async (...asked) => {
      const model = Object.assign(await host.openModel(...asked), { hasChatTemplate });
      if (model instanceof FakeModel) opened.push(model);
      return model;
    };
    const running = { host: { ...host, openModel }, control: new SweepControl(), onEvent: () => undefined };
    return { running: { ...running, signal: new AbortController().signal }, opened };
  }

  const trainedOn = (opened: readonly FakeModel[]): readonly Pair[] => opened.flatMap((model) => model.trainedOn);
  const prompts = (opened: readonly FakeModel[]): readonly unknown[] =>
    opened.flatMap((model) => model.completeCalls.flatMap((call) => [...call.prompts]));
  const chatOf = async ({ run }: SweepFolder): Promise<unknown> => {
    const { sweep } = await readRecord(runFolder(run));
    return 'chat' in sweep.data ? sweep.data.chat : undefined;
  };

  it('puts its prompts and pairs as chats, and its record and notes say so', async () => {
    const made = folder();
    const { running, opened } = hostWith(true);
    const { notes } = await startSweep(made.file, made.run, running);
    assert.ok(prompts(opened).length > 0 && prompts(opened).every(Array.isArray));
    const pairs = trainedOn(opened);
    assert.ok(pairs.length > 0);
    for (const { prompt, chat } of pairs) assert.deepEqual(chat?.turns[0], { role: 'user', content: prompt });
    assert.deepEqual(await chatOf(made), { frame: true, answers: 'all' });
    assert.match(notes[0] ?? '', /^Prompts are user turns .* 4 held-out prompts and 16 of 16 pairs/);
  });

  it('leaves them where the model has none, or the file says so', async () => {
    for (const [has, over] of [
      [false, {}],
      [true, withChat({ frame: false })],
      [true, { settings: 'paper' as const, training: { steps: 60, gradientAccumulation: 1 } }],
    ] as const) {
      const made = folder(over);
      const { running, opened } = hostWith(has);
      const { notes } = await startSweep(made.file, made.run, running);
      assert.ok(prompts(opened).every((prompt) => typeof prompt === 'string'));
      assert.ok(trainedOn(opened).every(({ chat }) => chat === undefined));
      assert.deepEqual(await chatOf(made), { frame: false, answers: 'all' });
      assert.ok(notes.every((note) => !note.startsWith('Prompts are user turns')));
    }
  });

  it('refuses chats of a model without a template before it makes a run', async () => {
    const made = folder(withChat({ frame: true }));
    const { running, opened } = hostWith(false);
    await assert.rejects(startSweep(made.file, made.run, running), { code: 'config', message: /no chat template/ });
    assert.deepEqual(trainedOn(opened), []);
  });

  it('goes on as it began where it was stored without the setting', async () => {
    const made = folder();
    const first = hostWith(false, {
      beforeBoundary: (step) => (step === 3 ? Promise.reject(new Error('broke')) : undefined),
    });
    await assert.rejects(startSweep(made.file, made.run, first.running));
    const record = runFolder(made.run).record;
    const json = JSON.parse(readFileSync(record, 'utf8')) as { sweep: { data: { chat?: unknown } } };
    delete json.sweep.data.chat;
    writeFileSync(record, JSON.stringify(json));
    const second = hostWith(true);
    await resumeSweep(made.run, second.running);
    assert.ok(prompts(second.opened).length > 0);
    assert.ok(prompts(second.opened).every((prompt) => typeof prompt === 'string'));
  });

  it('is planned by completions of the same chats', async () => {
    const made = folder(withChat({ system: 'be kind' }));
    const { running, opened } = hostWith(true);
    const { signal } = running;
    await surveyBase(running.host, { file: made.file }, { emit: () => undefined, signal });
    const [first] = prompts(opened) as readonly (readonly { readonly role: string }[])[];
    assert.deepEqual(
      first?.map(({ role }) => role),
      ['system', 'user'],
    );
  });

  it('is given the setting by its file alone', async () => {
    const chatIn = async (over: Partial<ToxicitySweepFile>): Promise<unknown> => {
      const { sweep } = await resolveSweep(folder(over).file);
      return 'chat' in sweep.data && sweep.data.chat;
    };
    assert.deepEqual(await chatIn({}), { frame: 'auto', answers: 'all' });
    assert.deepEqual(await chatIn({ reproduces: { item: 'figure2', scale: 'small' } }), {
      frame: false,
      answers: 'all',
    });
    assert.deepEqual(await chatIn(withChat({ answers: 'last' })), { frame: 'auto', answers: 'last' });
  });
});
