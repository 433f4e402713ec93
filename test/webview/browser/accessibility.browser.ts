import assert from 'node:assert/strict';
import type { PanelName } from '../../../server/protocol/messages/panelStates.ts';
import type { ThemeName } from '../../../scripts/panelHarness/themes.ts';
import { accessibilityFaults, atRest, browserOfTests, ready } from './browser.ts';

const themes: readonly ThemeName[] = ['dark', 'light', 'hc-dark', 'hc-light'];

describe('panels, for everyone', () => {
  const browser = browserOfTests();

  for (const panel of Object.keys(ready) as PanelName[]) {
    for (const theme of themes) {
      it(`${panel} in ${theme}: axe finds nothing at WCAG A and AA, and the policy nothing to refuse`, async () => {
        const { page, trouble } = await browser.open({ panel, theme });
        await ready[panel](page);
        // A figure without a value is hidden, and its table with it.
        for (const summary of await page.locator('summary:visible').all()) await summary.click();
        assert.deepEqual(await accessibilityFaults(page), []);
        assert.deepEqual(trouble, []);
      });
    }
  }

  for (const scenario of ['still', 'failed', 'classification']) {
    it(`a run that is ${scenario}: axe finds nothing either`, async () => {
      const { page, trouble } = await browser.open({ panel: 'run', scenario, theme: 'light' });
      await page.getByRole('table', { name: 'Arms', exact: true }).waitFor();
      await atRest(page);
      assert.deepEqual(await accessibilityFaults(page), []);
      assert.deepEqual(trouble, []);
    });
  }

  it('errors are announced with what, where and what to do, and pass too', async () => {
    const { page } = await browser.open({ panel: 'run', scenario: 'broken' });
    const alert = page.getByRole('alert');
    await alert.getByText('the run folder is damaged <b>').waitFor();
    assert.match(await alert.innerText(), /Where: .*events\.jsonl:12[\s\S]*Restore the folder from a copy/);
    assert.deepEqual(await accessibilityFaults(page), []);
  });
});
