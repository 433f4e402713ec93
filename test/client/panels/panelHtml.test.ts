import assert from 'node:assert/strict';
import { panelHtml } from '../../../client/panels/panelHtml.ts';

const page = panelHtml({
  panel: 'run',
  title: '</title><img src=x onerror=alert(1)>',
  language: 'en',
  source: 'https://resources.test',
  script: 'https://resources.test/run.js',
  style: 'https://resources.test/run.css',
  nonce: 'abc123',
});

describe('the page of a panel', () => {
  it('allows scripts by nonce alone, and nothing from elsewhere', () => {
    const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    assert.match(policy, /^default-src &#39;none&#39;/);
    assert.match(policy, /script-src &#39;nonce-abc123&#39;;/);
    assert.doesNotMatch(policy, /unsafe|\*|connect-src|frame-src/);
  });

  it('has no inline script, style or handler', () => {
    assert.deepEqual(page.match(/<script[^>]*>/g), ['<script nonce="abc123" src="https://resources.test/run.js">']);
    const tags = (page.match(/<[^>]*>/g) ?? []).join('\n');
    assert.doesNotMatch(tags, /<style|\sstyle=|\son\w+=/);
  });

  it('takes a title for text', () => {
    assert.ok(page.includes('<title>&lt;/title&gt;&lt;img src=x onerror=alert(1)&gt;</title>'));
    assert.ok(!page.includes('<img'));
  });
});
