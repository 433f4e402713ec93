import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { browserOfTests, eventually, settled } from './browser.ts';

/** Milliseconds of each frame from its first callback to after its painting, and what lies between frames. */
const measureFrames = `(() => {
  globalThis.frameCosts = [];
  const channel = new MessageChannel();
  let began = 0;
  channel.port1.onmessage = () => globalThis.frameCosts.push(performance.now() - began);
  const next = () => {
    began = performance.now();
    requestAnimationFrame(next);
    // A message sent while a frame begins is heard when it has been painted.
    channel.port2.postMessage(null);
  };
  requestAnimationFrame(next);
})()`;

function sorted(values: readonly number[]): readonly number[] {
  return [...values].sort((a, b) => a - b);
}

function quantile(values: readonly number[], share: number): number {
  return sorted(values)[Math.min(values.length - 1, Math.floor(share * values.length))] ?? Number.NaN;
}

/** Megabytes of the page's JavaScript heap after a collection, and of its process's own memory. */
async function memoryOf(page: Page): Promise<{ readonly heap: number; readonly own: number }> {
  await page.evaluate('gc()');
  const heap = await page.evaluate<number>('performance.memory.usedJSHeapSize');
  const session = await page.context().browser()!.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const own = await Promise.all(
    processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => anonymousBytes(id)),
  );
  return { heap: heap / 1e6, own: Math.max(...own) / 1e6 };
}

/** Milliseconds that the page's thread has had of the processor so far: its scripts, styles, layout and painting. */
async function processorTime(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1000 * (metrics.find(({ name }) => name === 'ThreadTime')?.value ?? Number.NaN);
  };
}

/** Resident memory of a process that is not mapped from files. */
async function anonymousBytes(process: number): Promise<number> {
  const status = await readFile(`/proc/${process}/status`, 'utf8').catch(() => '');
  return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
}

const lossCanvas = 'canvas[aria-label^="Training loss"]';

/** Sums of the pixels of the chart of losses: another picture has another sum. */
function pictureOf(page: Page): Promise<number> {
  return page.evaluate<number>(`(() => {
    const canvas = document.querySelector('${lossCanvas}');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.reduce((sum, value, i) => (sum + value * (1 + (i % 997))) % 2147483647, 0);
  })()`);
}

describe('a run that streams', () => {
  const browser = browserOfTests();

  it('draws 100,000 points of each kind of curve as they come: under 16 ms of work a frame, under 200 MB', async function () {
    this.timeout(300_000);
    const { page, trouble } = await browser.open({ panel: 'run', scenario: 'many', height: 1300 });
    await page.getByRole('heading', { name: 'Training', exact: true }).waitFor();
    const timeOf = await processorTime(page);
    const begun = await timeOf();
    await page.evaluate(measureFrames);
    await page.locator('header .state-finished').waitFor({ timeout: 240_000 });
    const costs = await page.evaluate<number[]>('frameCosts');
    const work = ((await timeOf()) - begun) / costs.length;
    const { heap, own } = await memoryOf(page);
    const [median, worst] = [quantile(costs, 0.5), quantile(costs, 0.99)];
    console.log(
      `      ${costs.length} frames: median ${median.toFixed(1)} ms, 99 % below ${worst.toFixed(1)} ms, ` +
        `of the processor ${work.toFixed(1)} ms a frame at the mean; ` +
        `heap ${heap.toFixed(0)} MB, process ${own.toFixed(0)} MB`,
    );
    assert.ok(costs.length > 100, `only ${costs.length} frames`);
    // How long a frame waits for a busy machine says nothing of the panel: its own work counts.
    assert.ok(work < 16, `${work} ms of work a frame`);
    assert.ok(own < 200 && heap < 200, `heap ${heap} MB, process ${own} MB`);
    assert.deepEqual(trouble, []);
  });

  it('changes its picture as points come, and again with the theme', async () => {
    const { page, setTheme } = await browser.open({ panel: 'run', scenario: 'stream', height: 1300 });
    await page.locator(lossCanvas).waitFor();
    const first = await pictureOf(page);
    await eventually(
      () => pictureOf(page),
      (second) => assert.notEqual(second, first),
    );
    await setTheme('light');
    const background = () =>
      page.evaluate<number[]>(`[...document.querySelector('${lossCanvas}').getContext('2d')
      .getImageData(1, 1, 1, 1).data]`);
    await eventually(background, (pixel) => assert.deepEqual(pixel, [255, 255, 255, 255]));
  });

  it('has its whole history again after a reload', async () => {
    const { page } = await browser.open({ panel: 'run', scenario: 'still', height: 1300 });
    await page.locator(lossCanvas).waitFor();
    const before = await settled(page, () => pictureOf(page));
    await page.reload();
    await page.locator(lossCanvas).waitFor();
    await eventually(
      () => pictureOf(page),
      (after) => assert.equal(after, before),
    );
  });
});
