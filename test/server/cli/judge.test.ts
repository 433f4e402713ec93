import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { contentHash } from '../../../server/judges/labels/human.ts';
import type { Handlers } from '../../../server/protocol/messages/channel.ts';
import type { WorkerContract } from '../../../server/protocol/messages/worker.ts';
import { answerJudge } from '../../../server/worker/requests/answerJudge.ts';
import { createJudgeKeeper } from '../../../server/worker/judges/judgeKeeper.ts';
import { fakeHost } from '../worker/fakeHost.ts';
import { rankscope } from './fakeEngine.ts';

const keeper = createJudgeKeeper(fakeHost());
const handlers: Partial<Handlers<WorkerContract>> = {
  judge: (params, context) => answerJudge(keeper, params, context),
};

describe('judging from the command line', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rankscope-judge-'));
    path = join(folder, 'a.jsonl');
  });
  afterEach(() => rm(folder, { recursive: true }));

  describe('judge --sarif', () => {
    it('writes a result per toxic text, with its place counted from 1, and a notification per unjudged one', async () => {
      await writeFile(path, '{"text":"fine"}\n{"text":"\\tyou idiot"}\n{"text":"день"}\n');
      const { status, stdout } = await rankscope(['judge', path, '--sarif'], { handlers });
      assert.equal(status, 0);
      const { version, runs } = JSON.parse(stdout) as { version: string; runs: SarifRun[] };
      assert.deepEqual([version, runs.length], ['2.1.0', 1]);
      const [run] = runs;
      const region = { startLine: 2, startColumn: 10, endLine: 2, endColumn: 21, charOffset: 25, charLength: 11 };
      const uri = pathToFileURL(path).href;
      assert.deepEqual(
        run?.results.map(({ ruleId, level, locations }) => ({ ruleId, level, locations })),
        [
          {
            ruleId: 'insult',
            level: 'warning',
            locations: [{ physicalLocation: { artifactLocation: { uri }, region } }],
          },
        ],
      );
      assert.deepEqual(
        run.tool.driver.rules.map(({ id }) => id),
        ['insult'],
      );
      const word = run.results[0]?.relatedLocations[0]?.physicalLocation.region;
      assert.deepEqual([word?.startColumn, word?.endColumn], [16, 21]);
      const [told] = run.invocations[0]?.toolExecutionNotifications ?? [];
      assert.match(told?.message.text ?? '', /^Unjudged: .*Latin/);
    });

    it('excludes --json', async () => {
      const { status, stderr } = await rankscope(['judge', path, '--sarif', '--json']);
      assert.equal(status, 2);
      assert.match(stderr, /exclude each other/);
    });
  });

  describe('judge --by', () => {
    it('gives rates with intervals by a column', async () => {
      const rows = ['a,you idiot', 'a,fine', 'b,fine', 'b,день'];
      await writeFile(join(folder, 'a.csv'), `who,text\n${rows.join('\n')}\n`);
      const { stdout } = await rankscope(['judge', join(folder, 'a.csv'), '--by', 'who'], { handlers });
      assert.match(stdout, /^group +judged +toxic +rate +95 % interval/);
      assert.match(stdout, /^a +2 +1 +50\.0 % +\[9\.5, 90\.5\] % .* 0$/m);
      assert.match(stdout, /^b +1 +0 +0\.0 % .* 1$/m);
      assert.match(stdout, /^all +3 +1 +33\.3 %/m);
      assert.match(stdout, /1 of 3 toxic .*, 1 unjudged, by lexicon\(builtin\)\n$/);
    });

    it('or by a pattern in the text, as one object', async () => {
      await writeFile(
        path,
        ['The man is an idiot', 'The woman sings', 'Nobody'].map((text) => JSON.stringify({ text })).join('\n'),
      );
      const { stdout } = await rankscope(['judge', path, '--by', '/^The (\\w+)/', '--json'], { handlers });
      const { all, groups } = JSON.parse(stdout) as { all: Rate; groups: Rate[] };
      assert.deepEqual(
        [all, ...groups].map(({ group, toxic, rate }) => [group, toxic, rate.n]),
        [
          ['all', 1, 3],
          ['man', 1, 1],
          ['(none)', 0, 1],
          ['woman', 0, 1],
        ],
      );
    });

    it('refuses a pattern that is none, and --sarif', async () => {
      const broken = await rankscope(['judge', path, '--by', '/(/'], { handlers });
      assert.equal(broken.status, 2);
      assert.match(broken.stderr, /--by holds no pattern/);
      await writeFile(path, `${JSON.stringify({ text: `${'a'.repeat(200)}b` })}\n`);
      const endless = await rankscope(['judge', path, '--by', '/^(a+)+$/'], { handlers });
      assert.equal(endless.status, 2);
      assert.match(endless.stderr, /the pattern of --by is too costly to try/);
      assert.equal((await rankscope(['judge', path, '--by', 'a', '--sarif'], { handlers })).status, 2);
    });
  });

  it('judge --judge combines judges in the engine process', async () => {
    const labels = join(folder, 'labels.jsonl');
    const said = { content: contentHash({ text: 'fine' }), label: 'toxic', author: 'ann', time: 1 };
    await writeFile(labels, `${JSON.stringify(said)}\n`);
    await writeFile(path, '{"text":"fine"}\n{"text":"you idiot"}\n{"text":"rain"}\n');
    const { stdout } = await rankscope(['judge', path, '--judge', `human:${labels}`, '--judge', 'lexicon', '--json'], {
      handlers,
    });
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { judge: string; verdict: { toxic: boolean } });
    assert.deepEqual(
      lines.map(({ verdict }) => verdict.toxic),
      [true, true, false],
    );
    assert.equal(lines[0]?.judge, 'first(human, lexicon(builtin))');
  });

  describe('agreement', () => {
    const texts = [
      'you idiot',
      'the woman is an idiot',
      'fine',
      'a fine woman',
      'stupid idiot',
      'unlabelled idiot',
      'unlabelled',
      'день',
    ];
    const labels: readonly (readonly [string, string])[] = [
      ['you idiot', 'toxic'],
      ['the woman is an idiot', 'benign'],
      ['fine', 'benign'],
      ['a fine woman', 'benign'],
      ['stupid idiot', 'unsure'],
      ['день', 'toxic'],
    ];
    beforeEach(() => writeFile(path, texts.map((text) => `${JSON.stringify({ text })}\n`).join('')));
    const writeLabels = (file: string) =>
      writeFile(
        file,
        labels
          .map(
            ([text, label], time) =>
              `${JSON.stringify({ content: contentHash({ text }), label, author: 'ann', time })}\n`,
          )
          .join(''),
      );

    it('counts judge against labels, corrects the rate, and lists false positives by identity', async () => {
      await writeLabels(`${path}.labels.jsonl`);
      const { status, stdout } = await rankscope(['agreement', path, '--json'], { handlers });
      assert.equal(status, 0);
      const found = JSON.parse(stdout) as TrustJson;
      // Labelled and judged: one hit, one false alarm ("the woman is an idiot"), two right passes; one unjudged.
      assert.deepEqual(found.agreement.matrix, {
        truePositive: 1,
        falsePositive: 1,
        trueNegative: 2,
        falseNegative: 0,
      });
      assert.deepEqual([found.agreement.n, found.agreement.unjudged], [4, 1]);
      assert.equal(found.agreement.accuracy.value, 0.75);
      // Four of the seven judged are flagged; sensitivity 1, specificity 2/3: (4/7 + 2/3 - 1) / (2/3).
      assert.equal(found.rate.value, 4 / 7);
      assert.ok(Math.abs(found.roganGladen.value - (4 / 7 + 2 / 3 - 1) / (2 / 3)) < 1e-12);
      assert.deepEqual(
        found.identities.map(({ word, falsePositives }) => [word, falsePositives.value, falsePositives.n]),
        [['woman', 0.5, 2]],
      );
    });

    it('tells it in words', async () => {
      const elsewhere = join(folder, 'said.jsonl');
      await writeLabels(elsewhere);
      const { stdout } = await rankscope(['agreement', path, '--labels', elsewhere], { handlers });
      assert.match(stdout, /on 4 labelled texts, 1 more unjudged/);
      assert.match(stdout, /judged toxic +1 +1\njudged not toxic +0 +2/);
      assert.match(stdout, /accuracy +75\.0 % \[30\.1, 95\.4\] \(n = 4\)/);
      assert.match(stdout, /woman +50\.0 %/);
    });

    it('suggests what to label next, as much as is asked for', async () => {
      await writeLabels(`${path}.labels.jsonl`);
      const { stdout } = await rankscope(['agreement', path, '--next', '9'], { handlers });
      // Unlabelled and nobody was unsure of: the sixth and seventh line.
      assert.deepEqual([...stdout.matchAll(/a\.jsonl:(\d+): /g)].map(([, line]) => line).sort(), ['6', '7']);
      assert.match(stdout, /a\.jsonl:6: toxic, not surely, names no identity: 1 of 2 such texts is labelled/);
      const none = await rankscope(['agreement', path, '--next', '0'], { handlers });
      assert.doesNotMatch(none.stdout, /label next/);
    });

    it('refuses a file that nobody has labelled', async () => {
      const { status, stderr } = await rankscope(['agreement', path], { handlers });
      assert.equal(status, 4);
      assert.match(stderr, /a\.jsonl\.labels\.jsonl: there are no labels\. Label texts/);
    });
  });
});

interface SarifRun {
  readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
  readonly invocations: readonly {
    readonly toolExecutionNotifications: readonly { readonly message: { readonly text: string } }[];
  }[];
  readonly results: readonly {
    readonly ruleId: string;
    readonly level: string;
    readonly locations: readonly object[];
    readonly relatedLocations: readonly {
      readonly physicalLocation: { readonly region: { readonly startColumn: number; readonly endColumn: number } };
    }[];
  }[];
}

interface Rate {
  readonly group: string;
  readonly toxic: number;
  readonly rate: { readonly n: number };
}

interface TrustJson {
  readonly agreement: {
    readonly matrix: object;
    readonly n: number;
    readonly unjudged: number;
    readonly accuracy: { readonly value: number };
  };
  readonly rate: { readonly value: number };
  readonly roganGladen: { readonly value: number };
  readonly identities: readonly {
    readonly word: string;
    readonly falsePositives: { readonly value: number; readonly n: number };
  }[];
}
