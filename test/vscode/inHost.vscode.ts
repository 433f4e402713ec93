import path from 'node:path';
import { installTestHost } from '../../scripts/installTestHost.mjs';
import { root, runSuite, tellResults } from './host/runSuite.ts';
import { flaggedText } from './host/sample.ts';

// The suites run while this file is loaded, so that each of their tests is one of ours.
await installTestHost();
const demo = path.join(root, 'examples', 'demo');
const workspace = { demo };
const files = { 'flagged.jsonl': flaggedText };
tellResults(
  'in the extension host',
  await runSuite({ suite: 'trusted', workspace, files, limitMilliseconds: 1_200_000 }),
);
tellResults(
  'in the extension host of a workspace that is not trusted',
  await runSuite({ suite: 'untrusted', workspace, files, trusted: false }),
);
