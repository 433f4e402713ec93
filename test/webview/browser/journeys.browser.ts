import assert from 'node:assert/strict';
import { accessibilityFaults, atRest, browserOfTests, eventually, ready, requestsOf } from './browser.ts';

const run = '/home/ada/runs/demo';
const hidden = `(() => {
  Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => globalThis.isHidden ? 'hidden' : 'visible' });
  globalThis.isHidden = false;
})()`;

describe('panels, used', () => {
  const browser = browserOfTests();

  it('run: pause, stop an arm, and what fails is said with its remedy', async () => {
    const { page } = await browser.open({ panel: 'run', scenario: 'still' });
    await page.getByRole('button', { name: /^Pause/ }).click();
    await page.getByRole('button', { name: 'Stop the arm r8' }).click();
    await page.getByRole('button', { name: /^Stop all/ }).click();
    await page.getByRole('alert').getByText('the run cannot be stopped <b>').waitFor();
    assert.deepEqual(await requestsOf(page, 'run.pause'), [{ run }]);
    assert.deepEqual(await requestsOf(page, 'run.stopArm'), [{ run, arm: 'r8' }]);
    await page.getByRole('button', { name: /^Dismiss/ }).click();
    assert.equal(await page.getByRole('alert').innerText(), '');
  });

  it('run: a baseline is pinned by the keyboard, kept, and compared with', async () => {
    const { page } = await browser.open({ panel: 'run' });
    const table = page.getByRole('table', { name: 'Metrics of the arms' });
    await table.getByRole('button', { name: 'Pin: Compare with r8' }).focus();
    await page.keyboard.press('Enter');
    await table.getByRole('columnheader', { name: 'minus r8, points' }).waitFor();
    await table.getByRole('row', { name: /^r16/ }).getByText('-3.8 [-5.0, -2.5]').waitFor();
    assert.deepEqual((await requestsOf(page, 'keepState')).at(-1), { panel: 'run', run, baseline: 'r8' });
    // The table was made anew, and the focus is where it was.
    const focused = await page.evaluate<string>(`document.activeElement.getAttribute('aria-label')`);
    assert.equal(focused, 'Pinned: Compare with r8');
    await eventually(
      () => page.evaluate<unknown[]>('harness.kept'),
      (kept) => assert.deepEqual(kept.at(-1), { panel: 'run', run, baseline: 'r8' }),
    );
  });

  it('run: what was learned is compared and drawn, and tried rates are listed, once it has finished', async () => {
    const { page } = await browser.open({ panel: 'run' });
    await page.getByRole('heading', { name: 'Rank, or distance?' }).waitFor();
    await page.getByText('the rank shows no effect of its own').waitFor();
    for (const title of ['Toxicity', 'Distance', 'Gap between groups', 'Forgetting']) {
      await page.getByRole('heading', { name: `${title} against what was learned` }).waitFor();
    }
    const trials = page.getByRole('table', { name: 'Learning rates that were tried' });
    await trials.getByRole('row', { name: /^r8 100 0\.001 2\.8014 chosen$/ }).waitFor();
    assert.deepEqual(await requestsOf(page, 'run.learning'), [{ run }]);
    const { page: running } = await browser.open({ panel: 'run', scenario: 'still' });
    await running.getByRole('button', { name: /^Pause/ }).waitFor();
    assert.deepEqual(await requestsOf(running, 'run.learning'), []);
  });

  it('run: charts are saved as PNG and SVG, tables copied, results exported', async () => {
    const { page } = await browser.open({ panel: 'run' });
    const figure = page.getByRole('figure').filter({ hasText: 'Toxic completions' });
    await figure.getByRole('button', { name: /PNG/ }).click();
    await figure.getByRole('button', { name: /SVG/ }).click();
    await page.getByRole('button', { name: 'Copy as Markdown table' }).click();
    await page.getByRole('button', { name: /^Adapter/ }).click();
    for (const [method, count] of [
      ['command', 1],
      ['copy', 1],
      ['saveChart', 2],
    ] as const) {
      await eventually(
        () => requestsOf(page, method),
        (asked) => assert.equal(asked.length, count),
      );
    }
    const [png, svg] = (await requestsOf(page, 'saveChart')) as { kind: string; content: string }[];
    const bytes = Buffer.from(png!.content, 'base64');
    assert.deepEqual([...bytes.subarray(1, 4)], [...Buffer.from('PNG')]);
    assert.ok(bytes.length > 5000, `${bytes.length} bytes`);
    assert.match(svg!.content, /^<svg [\s\S]*<\/svg>\n$/);
    const [copied] = (await requestsOf(page, 'copy')) as { text: string }[];
    assert.match(copied!.text, /^\| arm \| toxic \|/);
    assert.deepEqual(await requestsOf(page, 'command'), [
      { command: 'rankscope.exportRun', arguments: [{ run, kind: 'adapter' }] },
    ]);
  });

  it('run: completions are turned by pages, and the flagged ones alone', async () => {
    const { page } = await browser.open({ panel: 'run' });
    await page.getByText('1 to 10 of 168').waitFor();
    await page.getByRole('button', { name: /^Next/ }).click();
    await page.getByText('11 to 20 of 168').waitFor();
    await page.getByRole('checkbox', { name: 'flagged only' }).click();
    await page.getByText(/^1 to 10 of \d+$/).waitFor();
    assert.deepEqual(
      ((await requestsOf(page, 'run.completions')).at(-1) as { flaggedOnly: boolean }).flaggedOnly,
      true,
    );
  });

  it('run: a hidden panel draws nothing, and all of it once it is shown', async () => {
    const { page } = await browser.open({ panel: 'run', scenario: 'stream', height: 1300 });
    await page.locator('canvas[aria-label^="Training loss"]').waitFor();
    await page.evaluate(hidden);
    const step = () => page.getByRole('row', { name: /r8/ }).first().innerText();
    await page.evaluate('globalThis.isHidden = true');
    // A frame that was asked for before it was hidden may still be drawn; then nothing changes while seven updates come.
    let before = '';
    await eventually(
      async () => {
        before = await step();
        await page.waitForTimeout(700);
        return step();
      },
      (now) => assert.equal(now, before),
    );
    await page.evaluate(`globalThis.isHidden = false; document.dispatchEvent(new Event('visibilitychange'))`);
    await eventually(step, (now) => assert.notEqual(now, before));
  });

  it('run: an arm is hidden in all charts and keeps its colour when it comes back', async () => {
    const { page } = await browser.open({ panel: 'run' });
    const canvas = page.locator('canvas[aria-label^="Toxic completions"]');
    await canvas.waitFor();
    const box = page.getByRole('checkbox', { name: 'Show r8 in the charts' });
    await box.click();
    await page.locator('canvas[aria-label^="Toxic completions"]:not([aria-label*="r8 "])').waitFor();
    await box.click();
    await page.locator('canvas[aria-label^="Toxic completions"][aria-label*="r8 "]').waitFor();
  });

  it('run: the curves come first while they grow, the result once it is there', async () => {
    const headings = `[...document.querySelectorAll('h2')].filter((one) => one.offsetParent).map((one) => one.textContent)`;
    const order = async (scenario: string, last = 'Completions side by side') => {
      const { page } = await browser.open({ panel: 'run', scenario });
      for (const name of ['Completions side by side', last]) await page.getByRole('heading', { name }).waitFor();
      return page.evaluate<string[]>(headings);
    };
    const completions = 'Completions side by side';
    assert.deepEqual(await order('still'), ['Training', 'Probes during training', 'Results', completions]);
    const learning = ['Rank, or distance?', 'Learning rates that were tried'];
    const training = ['Training', 'Probes during training'];
    assert.deepEqual(await order('finished', learning[1]), ['Results', ...learning, ...training, completions]);
  });

  it('run: a failed run is offered to be resumed, says why, and is watched again', async () => {
    const { page } = await browser.open({ panel: 'run', scenario: 'failed' });
    await page.getByText('The engine process ended (signal SIGKILL).').waitFor();
    await page.getByRole('button', { name: /^Resume/ }).click();
    await eventually(
      () => requestsOf(page, 'run.watch'),
      (watches) => assert.equal(watches.length, 2),
    );
    assert.deepEqual(await requestsOf(page, 'run.resume'), [{ run }]);
  });

  it('run: a classification run has its margins and its calibration as charts with tables', async () => {
    const { page } = await browser.open({ panel: 'run', scenario: 'classification', height: 4000 });
    await page.locator('canvas[aria-label^="How sure decisions for negative are: base"]').waitFor();
    await page.locator('canvas[aria-label^="Calibration on positive: base"]').waitFor();
    const figure = page.getByRole('figure').filter({ hasText: 'Calibration on negative' });
    await figure.getByText('The numbers').click();
    await figure.getByRole('columnheader', { name: 'as sure as right' }).waitFor();
    await page.getByRole('table', { name: 'Margins' }).getByRole('row', { name: /^full/ }).waitFor();
    await figure.getByRole('button', { name: /SVG/ }).click();
    await eventually(
      () => requestsOf(page, 'saveChart'),
      (saved) => assert.equal((saved as { name: string }[])[0]?.name, 'calibration negative'),
    );
    assert.deepEqual(await accessibilityFaults(page), []);
  });

  it('compare: another baseline is pinned, and the diff editor opened', async () => {
    const { page } = await browser.open({ panel: 'compare' });
    await page.getByRole('button', { name: 'Pin: Compare with full' }).click();
    await page.getByText(/an arm and the baseline full share/).waitFor();
    await page.getByRole('button', { name: /^Diff.* r2 / }).click();
    const full = { run, arm: 'full' };
    assert.deepEqual(await requestsOf(page, 'command'), [
      { command: 'rankscope.diffCompletions', arguments: [{ left: full, right: { run, arm: 'r2' } }] },
    ]);
    assert.deepEqual(((await requestsOf(page, 'keepState')).at(-1) as { baseline: unknown }).baseline, full);
  });

  it('prompt: asked by Ctrl+Enter, answers stream in side by side, Escape cancels', async () => {
    const { page } = await browser.open({ panel: 'prompt', scenario: 'slow' });
    await page.getByRole('textbox', { name: 'Prompt' }).fill('My neighbour');
    await page.getByRole('textbox', { name: 'Samples' }).fill('20');
    await page.getByRole('textbox', { name: 'Prompt' }).focus();
    await page.keyboard.press('Control+Enter');
    await page
      .getByRole('region', { name: 'Answers of r8' })
      .getByText(/toxic \d/)
      .first()
      .waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('Cancelled').waitFor();
    const [asked] = (await requestsOf(page, 'tryPrompt')) as { prompt: string; arms: string[]; samples: number }[];
    assert.deepEqual([asked!.prompt, asked!.arms.length, asked!.samples], ['My neighbour', 8, 20]);
  });

  it('prompt: a number that cannot be used is refused with what can be given', async () => {
    const { page } = await browser.open({ panel: 'prompt' });
    await page.getByRole('textbox', { name: 'Samples' }).fill('many');
    await page.getByRole('button', { name: /^Try on all ranks/ }).click();
    await page.getByRole('alert').getByText('Give a whole number from 1 to 20.').waitFor();
    assert.deepEqual(await requestsOf(page, 'tryPrompt'), []);
    assert.deepEqual(await accessibilityFaults(page), []);
  });

  it('review: j, k, t, n, u, z and Enter; the matrix follows', async () => {
    const { page } = await browser.open({ panel: 'review' });
    await page.getByText('7 of 200', { exact: true }).waitFor();
    const matrix = page.getByRole('table', { name: 'Confusion matrix' });
    await matrix.getByText('4', { exact: true }).waitFor();
    for (const key of ['j', 'k', 't']) await page.keyboard.press(key);
    await matrix.getByText('5', { exact: true }).waitFor();
    await page.getByText('7 of 200 labelled').waitFor();
    await page.keyboard.press('Control+z');
    await page.getByText('6 of 200 labelled').waitFor();
    await page.keyboard.press('n');
    await page.keyboard.press('u');
    await page.keyboard.press('Enter');
    const line = { file: '/home/ada/data/completions.jsonl', line: 16 };
    await eventually(
      () => requestsOf(page, 'review.label'),
      (labels) =>
        assert.deepEqual(
          (labels as { label: string | null }[]).map(({ label }) => label),
          ['toxic', null, 'benign', 'unsure'],
        ),
    );
    assert.deepEqual(await requestsOf(page, 'command'), [{ command: 'rankscope.openLine', arguments: [line] }]);
  });

  it('review: End shows the last of a long list, of which only what is on the screen is built', async () => {
    const { page } = await browser.open({ panel: 'review' });
    await page.getByText('7 of 200', { exact: true }).waitFor();
    await page.keyboard.press('End');
    await page.getByRole('option', { selected: true }).and(page.locator('#item-199')).waitFor();
    assert.ok((await page.getByRole('option').count()) < 60);
    assert.equal(await page.getByRole('listbox').getAttribute('aria-activedescendant'), 'item-199');
  });

  it('lens: cells are walked by arrow keys, in all arms at once', async () => {
    const { page } = await browser.open({ panel: 'lens' });
    const grid = page.getByRole('grid', { name: /of r8/ });
    await grid.getByRole('gridcell', { selected: true }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowLeft');
    await page.getByRole('heading', { name: 'Layer 11, after token 4: ·as' }).waitFor();
    assert.equal(await page.getByRole('gridcell', { selected: true }).count(), 3);
    assert.match(
      await page.evaluate<string>(`document.activeElement.getAttribute('aria-label')`),
      /^layer 11, after ·as/,
    );
  });

  it('devices: are tried again, chosen by the keyboard, and installed with progress or a reason', async () => {
    const { page } = await browser.open({ panel: 'devices' });
    const table = page.getByRole('table', { name: 'Devices of this machine' });
    await table.getByRole('row', { name: /^cuda/ }).getByText('is missing').waitFor();
    assert.equal(await table.getByRole('row', { name: /^cuda/ }).getByRole('button').count(), 0);
    await table.getByRole('button', { name: 'Use: Put runs on webgpu' }).focus();
    await page.keyboard.press('Enter');
    await table.getByRole('button', { name: 'In use: Put runs on webgpu' }).waitFor();
    assert.deepEqual(await requestsOf(page, 'devices.choose'), [{ device: 'webgpu' }]);
    await page.getByRole('button', { name: /^Try again/ }).click();
    await eventually(
      () => requestsOf(page, 'devices'),
      (asked) => assert.equal(asked.length, 2),
    );
    await page.getByRole('button', { name: 'Install the CUDA provider' }).click();
    await page.getByText(/MiB so far/).waitFor();
    await page.getByRole('alert').getByText('cannot be fetched').waitFor();
    await page.getByRole('alert').getByText('Check the connection').waitFor();
    await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('button', { name: 'Cancel the installation' }).click();
    await page.getByText('Cancelled', { exact: true }).waitFor();
  });

  for (const panel of ['run', 'compare', 'prompt', 'review', 'lens', 'devices'] as const) {
    it(`${panel}: text that looks like HTML is text`, async () => {
      const { page } = await browser.open({ panel });
      await ready[panel](page);
      await atRest(page);
      assert.equal(await page.evaluate('globalThis.wasRun'), undefined);
      assert.equal(await page.locator('main img, main script').count(), 0);
    });

    it(`${panel}: every button and field is reached by Tab`, async () => {
      const { page } = await browser.open({ panel });
      await ready[panel](page);
      await atRest(page);
      const reached = await page.evaluate<number>(`document.querySelectorAll('vscode-button:not([disabled])').length`);
      const seen = new Set<string>();
      for (let i = 0; i < 400; i++) {
        await page.keyboard.press('Tab');
        const where = await page.evaluate<string>(`(() => {
          const all = [...document.querySelectorAll('vscode-button')];
          const at = document.activeElement;
          return at === document.body ? 'end' : at.tagName === 'VSCODE-BUTTON' ? 'button ' + all.indexOf(at) : 'other';
        })()`);
        if (where === 'end' && i > 3) break;
        if (where.startsWith('button')) seen.add(where);
      }
      const visible = await page.evaluate<number>(
        `[...document.querySelectorAll('vscode-button:not([disabled])')].filter((one) => one.offsetParent !== null).length`,
      );
      assert.ok(reached > 0);
      assert.equal(seen.size, visible);
    });
  }
});
