import assert from 'node:assert/strict';
import { graveFaults } from '../../../scripts/auditBundled.mjs';

describe('known vulnerabilities of what a package carries', () => {
  const fault = (name: string, severity: string, node = `node_modules/${name}`) => ({
    [name]: {
      name,
      severity,
      nodes: [node],
      via: [{ title: 'reads too far', url: 'https://example.org/1' }, 'deeper'],
    },
  });

  it('fail where they are high or critical, in words', () => {
    assert.deepEqual(
      graveFaults({ ...fault('zod', 'high'), ...fault('semver', 'critical') }, [
        'node_modules/zod',
        'node_modules/semver',
      ]),
      [
        'zod: high: reads too far (https://example.org/1); deeper',
        'semver: critical: reads too far (https://example.org/1); deeper',
      ],
    );
  });

  it('pass where they are moderate, or stand in what is not carried', () => {
    const found = {
      ...fault('zod', 'moderate'),
      ...fault('mocha', 'critical'),
      ...fault('semver', 'high', 'node_modules/x/node_modules/semver'),
    };
    assert.deepEqual(graveFaults(found, ['node_modules/zod', 'node_modules/semver']), []);
  });
});
