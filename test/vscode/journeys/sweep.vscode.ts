import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import path from 'node:path';
import { flaggedText, labelledText } from '../host/sample.ts';
import { openSession, type Session } from '../host/session.ts';
import type { Workbench } from '../host/workbench.ts';
import { descendants } from '../suite/processes.ts';
import { until } from '../suite/until.ts';

// One person's way from an installed package to an exported report. Each step goes on where the last one ended.
describe('a sweep in the editor, from the package', function () {
  this.timeout(600_000);
  // A busy machine can take a list or a menu away under the pointer; a step that fails for that is tried once more.
  this.retries(1);
  let session: Session;
  let workbench: Workbench;
  let demo: string;
  const broken = { yes: false };

  before(async () => {
    session = await openSession('sweep', {
      workspace: {},
      files: { 'flagged.jsonl': flaggedText, 'train.tsv': labelledText },
    });
    workbench = session.workbench;
    demo = path.join(session.profile.workspace, 'rankscope-demo');
  });
  beforeEach(async function () {
    // What follows a step that failed would fail for its sake alone.
    if (broken.yes) throw new Error('an earlier step failed');
    this.timeout(600_000);
    const { currentTest } = this;
    if (currentTest === undefined || Reflect.get(currentTest, '_currentRetry') === 0) return;
    console.log(`      tried again: ${currentTest.title}`);
    await workbench.shot(`tried-again ${currentTest.title}`.replace(/[^\w]+/g, '-'));
    await workbench.page.keyboard.press('Escape');
  });
  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return;
    broken.yes = true;
    await workbench.shot(`failed: ${this.currentTest.title}`.replace(/[^\w]+/g, '-'));
  });
  after(() => session.end());

  const began = { at: 0 };

  it('begins with a walkthrough that puts the demo into a folder', async () => {
    await workbench.command('Welcome: Open Walkthrough...');
    await workbench.input.fill('Which rank is safe?');
    await workbench.choose('Which rank is safe?');
    began.at = Date.now();
    const open = workbench.page.getByRole('button', { name: 'Open the Demo', exact: true });
    await open.waitFor();
    await workbench.panel.getByText('nothing leaves this machine').waitFor();
    await workbench.inThemes('01-walkthrough', 'editor');
    await open.click();
    await workbench.path(`${session.profile.workspace}/`);
    await workbench.tab('demo.sweep.json').waitFor();
    await workbench.page.locator('.codelens-decoration a').filter({ hasText: 'Estimate' }).waitFor();
    await workbench.inThemes('02-sweep-file', 'editor');
    assert.ok(existsSync(path.join(demo, 'model', 'model.safetensors')));
  });

  it('draws charts that change while the arms learn', async () => {
    await workbench.command('Rankscope: Run the Demo');
    const drawn = () => workbench.pixels().catch(() => []);
    const first = await until(
      'a drawn chart',
      async () => {
        const charts = await drawn();
        return charts.some((chart) => chart.drawn > 2000) ? charts : undefined;
      },
      240_000,
    );
    await workbench.page
      .locator('.statusbar-item')
      .filter({ hasText: /training r\d+/ })
      .first()
      .waitFor();
    await workbench.shot('03-live');
    const sums = JSON.stringify(first.map(({ sum }) => sum));
    await until('a chart that changes', async () => JSON.stringify((await drawn()).map(({ sum }) => sum)) !== sums);
    await workbench
      .notification(/training/)
      .first()
      .waitFor();
    assert.deepEqual(await workbench.inThemes('04-live-later'), []);
  });

  it('has a result (the time since the walkthrough is printed, not asserted)', async () => {
    await workbench.panel.getByRole('heading', { name: 'Results' }).waitFor({ timeout: 500_000 });
    const seconds = (Date.now() - began.at) / 1000;
    const crowding = (loadavg()[0] ?? 0) / availableParallelism();
    console.log(
      `      from the walkthrough to the result: ${seconds.toFixed(0)} s, ${crowding.toFixed(1)} at work per core`,
    );
    await workbench.notification(/: Smallest rank shown to be safe/).waitFor();
    await workbench.clearNotifications();
  });

  it('shows the result in four themes, and axe finds nothing', async () => {
    assert.deepEqual(await workbench.inThemes('05-result'), []);
  });

  it('saves a chart as PNG and as SVG', async () => {
    const figure = workbench.panel.getByRole('figure').filter({ hasText: 'Toxic completions' });
    for (const kind of ['PNG', 'SVG']) {
      const file = path.join(session.profile.workspace, `chart.${kind.toLowerCase()}`);
      await figure.getByRole('button', { name: `${kind}: Save this chart as ${kind}` }).click();
      await workbench.path(file);
      await until(`the ${kind}`, () => existsSync(file) && readFileSync(file).length > 1000);
    }
    const png = readFileSync(path.join(session.profile.workspace, 'chart.png'));
    assert.equal(png.subarray(1, 4).toString(), 'PNG');
    assert.match(
      readFileSync(path.join(session.profile.workspace, 'chart.svg'), 'utf8'),
      /^<svg [\s\S]*r64[\s\S]*<\/svg>/,
    );
  });

  it('compares arms, and their completions in the diff editor', async () => {
    await workbench.closeEditors();
    await workbench.command('Rankscope: Compare Ranks');
    for (const arm of ['base', 'r8', 'full']) {
      await workbench.input.fill(arm);
      await workbench
        .row(new RegExp(`^${arm}$`))
        .first()
        .click();
    }
    await workbench.page.keyboard.press('Enter');
    await workbench.panel.getByRole('heading', { name: 'Compare ranks' }).waitFor();
    await workbench.panel.getByText('r8').first().waitFor();
    await workbench.page.waitForTimeout(1000);
    assert.deepEqual(await workbench.inThemes('06-compare'), []);
    await workbench.panel.getByText('Diff', { exact: true }).first().click();
    await workbench.page
      .locator('.monaco-diff-editor .view-line')
      .filter({ hasText: /toxic\s\d/ })
      .first()
      .waitFor();
    await workbench.inThemes('07-diff', 'editor');
  });

  it('tries a prompt on all arms', async () => {
    await workbench.closeEditors();
    await workbench.command('Rankscope: Try Prompt on All Ranks');
    await workbench.input.fill('The Velmian neighbour');
    await workbench.page.keyboard.press('Enter');
    await workbench.panel.getByRole('heading', { name: 'Try a prompt on all ranks' }).waitFor();
    const asked = workbench.panel.getByText(/tokens in/);
    if (!(await asked.isVisible())) await workbench.panel.getByText('Try on all ranks', { exact: true }).click();
    await asked.waitFor({ timeout: 240_000 });
    assert.deepEqual(await workbench.inThemes('08-prompt'), []);
  });

  it('looks into every layer of every arm', async () => {
    await workbench.closeEditors();
    await workbench.command('Rankscope: Logit Lens of a Prompt');
    await workbench.input.fill('The Velmian neighbour');
    await workbench.page.keyboard.press('Enter');
    await workbench.panel.getByRole('heading', { name: 'full' }).waitFor({ timeout: 240_000 });
    assert.deepEqual(await workbench.inThemes('08-lens'), []);
  });

  it('reviews flagged texts by keys, with their markup as text', async () => {
    await workbench.closeEditors();
    await workbench.openFile('flagged.jsonl');
    await workbench.page.locator('.squiggly-info').first().waitFor();
    await workbench.inThemes('09-data-set', 'editor');
    await workbench.command('Rankscope: Review Flagged Completions');
    await workbench.panel.getByText('1 of 2', { exact: true }).waitFor();
    await workbench.panel.locator('body').press('t');
    await workbench.panel.getByText('1 of 2 labelled').waitFor();
    await workbench.panel.getByText('<img src=x onerror=', { exact: false }).first().waitFor();
    await workbench.panel.locator('body').press('n');
    await workbench.panel.getByText('2 of 2 labelled').waitFor();
    assert.deepEqual(await workbench.inThemes('10-review'), []);
    const frame = await workbench.panelFrame();
    assert.equal(await frame.evaluate(() => document.querySelectorAll('img').length), 0);
    assert.notEqual(await frame.title(), 'owned');
    await workbench.panel.locator('body').press('z');
    await workbench.panel.getByText('1 of 2 labelled').waitFor();
    const labels = await until('the file of labels', () =>
      readdirSync(session.profile.workspace).find((name) => name.includes('labels')),
    );
    // The panel shows a label before it is written.
    const written = () => readFileSync(path.join(session.profile.workspace, labels), 'utf8').trim().split('\n');
    const lines = await until('three labels', () => (written().length >= 3 ? written() : undefined));
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { label: string }).label),
      ['toxic', 'benign', 'none'],
    );
  });

  it('exports the report', async () => {
    await workbench.command('Rankscope: Export');
    await workbench.choose('Report (HTML)');
    const file = path.join(session.profile.workspace, 'report.html');
    await workbench.path(file);
    await workbench.notification(/Written: .*report\.html/).waitFor();
    await workbench.inThemes('11-export', 'editor');
    assert.match(readFileSync(file, 'utf8'), /<!doctype html>/i);
    await workbench.clearNotifications();
  });

  it('exports an adapter, and the weights with it worked in', async () => {
    const { workspace } = session.profile;
    for (const [kind, name, files] of [
      ['Adapter (PEFT)', 'adapter', ['adapter_config.json', 'adapter_model.safetensors']],
      ['Merged weights (safetensors)', 'merged', ['config.json', 'model.safetensors', 'tokenizer.json']],
    ] as const) {
      rmSync(path.join(workspace, name), { recursive: true, force: true });
      await workbench.command('Rankscope: Export');
      await workbench.choose(kind);
      await workbench.step('Which arm?');
      await workbench.choose(/^r8$/);
      await workbench.path(path.join(workspace, name));
      await workbench.notification(new RegExp(`Written: .*${name}`)).waitFor({ timeout: 240_000 });
      assert.deepEqual(
        files.filter((file) => !existsSync(path.join(workspace, name, file))),
        [],
      );
      await workbench.clearNotifications();
    }
    const { r } = JSON.parse(readFileSync(path.join(workspace, 'adapter', 'adapter_config.json'), 'utf8')) as {
      r: number;
    };
    assert.equal(r, 8);
  });

  it('tries every device in a panel, and says why one cannot be used', async () => {
    await workbench.closeEditors();
    await workbench.command('Rankscope: Devices');
    const row = (name: string) => workbench.panel.getByRole('row', { name: new RegExp(`^${name} `) });
    await row('cpu').getByText('yes', { exact: true }).waitFor({ timeout: 240_000 });
    await row('dml').getByText('It is to be had on Windows.').waitFor();
    await row('cpu').getByRole('button', { name: 'Use: Put runs on cpu' }).click();
    await row('cpu').getByRole('button', { name: 'In use: Put runs on cpu' }).waitFor();
    assert.deepEqual(await workbench.inThemes('12-devices'), []);
  });

  it('shows runs with their arms in the activity bar', async () => {
    await workbench.command('Rankscope: Focus on Runs View');
    const run = workbench.page.getByRole('treeitem', { name: /Demo: six LoRA ranks/ });
    await run.waitFor();
    await run.locator('.monaco-tl-twistie').click();
    await workbench.page.getByRole('treeitem', { name: /^r64, finished/ }).waitFor();
    await workbench.inThemes('12-runs', 'editor');
  });

  it('writes a new sweep about labels, read off the data and checked by the engine', async () => {
    await workbench.closeEditors();
    await workbench.command('Rankscope: New Sweep');
    await workbench.step('New Sweep: Question');
    await workbench.choose('Fairness of classification');
    await workbench.step('New Sweep: Base Model');
    await workbench.choose(/model$/);
    await workbench.step('New Sweep: Labelled Texts');
    await workbench.choose(/train\.tsv$/);
    await workbench.step('New Sweep: Minority');
    await workbench.choose(/^negative$/);
    await workbench.step('New Sweep: Arms');
    await workbench.page.keyboard.press('Enter');
    await workbench.step('New Sweep: Effort');
    await workbench.choose('A first look');
    await workbench.tab('model-train.sweep.json').waitFor();
    await workbench.page
      .locator('.statusbar-item')
      .filter({ hasText: '16 to learn from, 4 held out' })
      .waitFor({ timeout: 240_000 });
    await workbench.shot('13-new-sweep-labels');
  });

  it('writes a new sweep from what is asked step by step', async () => {
    await workbench.closeEditors();
    await workbench.command('Rankscope: New Sweep');
    await workbench.step('New Sweep: Question');
    await workbench.choose('Toxicity');
    await workbench.step('New Sweep: Base Model');
    await workbench
      .row(/model$/)
      .first()
      .waitFor();
    await workbench.shot('13-new-sweep-model');
    await workbench.choose(/model$/);
    await workbench.step('New Sweep: Prompts');
    await workbench.page.locator('.quick-input-action a[aria-label="Back"], .codicon-quick-input-back').first().click();
    await workbench.step('New Sweep: Base Model');
    await workbench
      .row(/model$/)
      .first()
      .waitFor();
    await workbench.choose(/model$/);
    await workbench.step('New Sweep: Prompts');
    await workbench.choose(/\/prompts\.tsv$/);
    await workbench.step('New Sweep: Fine-tuning Pairs');
    await workbench.choose(/\/pairs\.jsonl$/);
    await workbench.step('New Sweep: Arms');
    await workbench.shot('14-new-sweep-arms');
    for (const arm of ['r4', 'r16', 'r32', 'r64']) await workbench.choose(new RegExp(`^${arm}$`));
    await workbench.page.keyboard.press('Enter');
    await workbench.step('New Sweep: Effort');
    await workbench.choose('A first look');
    await workbench.tab('model-prompts.sweep.json').waitFor();
    await workbench.page.locator('.codelens-decoration a').filter({ hasText: 'Run' }).first().waitFor();
    await workbench.inThemes('15-new-sweep-file', 'editor');
    const sweep = JSON.parse(readFileSync(path.join(demo, 'model-prompts.sweep.json'), 'utf8')) as {
      model: string;
      data: { heldOut: { file: string } };
      arms: { ranks: number[]; full: boolean };
    };
    assert.equal(sweep.model, 'model');
    assert.equal(sweep.data.heldOut.file, 'held-out-prompts.tsv');
    assert.deepEqual(sweep.arms.ranks, [2, 8]);
    assert.equal(sweep.arms.full, true);
  });

  it('estimates a sweep before it is run', async () => {
    await workbench.page.locator('.codelens-decoration a').filter({ hasText: 'Estimate' }).first().click();
    const dialog = workbench.page.locator('.monaco-dialog-box');
    await dialog.getByText('Estimate of model-prompts.sweep.json').waitFor({ timeout: 240_000 });
    const told = await dialog.innerText();
    for (const part of [/Time: about \d/, /Memory: [\d.]+ [MG]B of/, /Disk: [\d.]+ [kMG]B of/])
      assert.match(told, part);
    await workbench.shot('15-estimate');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
  });

  /** Steps of training that are shown of every arm. */
  const shownSteps = async (): Promise<number[]> => {
    const texts = await workbench.panel
      .getByText(/^\d+ of \d+$/)
      .allTextContents()
      .catch(() => []);
    return texts.map((text) => Number(text.split(' ')[0]));
  };
  const status = (text: RegExp) => workbench.page.locator('.statusbar-item').filter({ hasText: text }).first();

  it('goes on with a sweep after a reload in its middle, in its panel with the whole history', async () => {
    const file = path.join(demo, 'model-prompts.sweep.json');
    const sweep = JSON.parse(readFileSync(file, 'utf8')) as { arms: object; training: object };
    // Long enough to be met in its middle three times, also where the window takes its time.
    const training = { ...sweep.training, epochs: 50, patience: 0 };
    const arms = { ...sweep.arms, full: false, learningRate: 2e-4 };
    writeFileSync(file, JSON.stringify({ ...sweep, arms, training }));
    await workbench.page.locator('.codelens-decoration a').filter({ hasText: 'Run' }).first().click();
    await until('some steps', async () => (await shownSteps()).some((step) => step >= 12), 240_000);
    await workbench.shot('16-before-reload');
    const before = Math.max(...(await shownSteps()));
    // Through VS Code: a browser's own reload, seconds after a panel was opened, can come before the window's layout is kept.
    await workbench.command('Developer: Reload Window');
    await workbench.page.locator('.part.statusbar').waitFor();
    // Nobody resumes it.
    await status(/training/).waitFor({ timeout: 240_000 });
    await until('further steps', async () => (await shownSteps()).some((step) => step > before + 2), 240_000);
    await until('a drawn chart', async () =>
      (await workbench.pixels().catch(() => [])).some(({ drawn }) => drawn > 2000),
    );
  });

  it('pauses it, goes on, and stops an arm', async () => {
    await workbench.panel.getByRole('button', { name: /^Pause/ }).click();
    await workbench.panel.getByText('paused').first().waitFor();
    assert.deepEqual(await workbench.inThemes('17-paused-after-reload'), []);
    const held = await shownSteps();
    await workbench.page.waitForTimeout(500);
    assert.deepEqual(await shownSteps(), held);
    await workbench.panel.getByRole('button', { name: /^Continue/ }).click();
    await until('further steps', async () => Math.max(...(await shownSteps())) > Math.max(...held));
    await workbench.panel.getByRole('button', { name: 'Stop the arm r8' }).click();
    await workbench.panel.getByRole('row', { name: /r8/ }).first().getByText('stopped').first().waitFor();
    // It is stopped between two steps, and kept in a checkpoint before the next one.
    await until('steps of the other arm alone', async () => {
      const steps = await shownSteps();
      return Math.max(...steps) - Math.min(...steps) >= 3;
    });
  });

  it('offers to resume a run whose engine was killed', async () => {
    await status(/training/).waitFor({ timeout: 240_000 });
    // Another engine may stand by for questions about models; a run's own holds its lock.
    const holders = () =>
      readdirSync(path.join(demo, 'runs'))
        .map((name) => path.join(demo, 'runs', name, 'lock.json'))
        .filter((lock) => existsSync(lock))
        .map((lock) => (JSON.parse(readFileSync(lock, 'utf8')) as { pid: number }).pid);
    const engine = await until('the engine', () =>
      descendants(session.server.pid).find(({ pid }) => holders().includes(pid)),
    );
    process.kill(engine.pid, 'SIGKILL');
    const told = workbench.notification(/did not finish/);
    await told.waitFor({ timeout: 240_000 });
    await workbench.inThemes('18-engine-killed');
    await told.getByRole('button', { name: 'Resume Run' }).click();
    await status(/training/).waitFor({ timeout: 240_000 });
    await workbench.panel.getByRole('heading', { name: 'Results' }).waitFor({ timeout: 480_000 });
    await workbench.panel.getByRole('row', { name: /r8/ }).first().getByText('stopped').first().waitFor();
    assert.deepEqual(await workbench.inThemes('19-resumed'), []);
  });

  it('leaves no mark on what has ended', async () => {
    await until(
      'no mark of a run',
      () =>
        !readdirSync(path.join(demo, 'runs'), { recursive: true }).some((name) => String(name).endsWith('going.json')),
    );
  });

  it('has broken no content security policy and thrown nowhere', () => {
    assert.deepEqual(workbench.trouble, []);
  });
});
