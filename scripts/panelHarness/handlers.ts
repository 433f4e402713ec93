/** What the fake host answers. */
import type { Handlers, HandlerContext } from '../../server/protocol/messages/channel.ts';
import { RankscopeError } from '../../server/protocol/errors.ts';
import type { PanelContract } from '../../server/protocol/messages/panelContract.ts';
import type { PanelState } from '../../server/protocol/messages/panelStates.ts';
import type { RunUpdate } from '../../server/protocol/messages/runsContract.ts';
import { armIds } from './sampleArms.ts';
import { sampleDevices } from './sampleDevices.ts';
import { sampleLearning } from './sampleLearning.ts';
import { sampleLens } from './sampleLens.ts';
import { samplePrompt } from './samplePrompt.ts';
import { sampleComparison, sampleCompletions, sampleDensities } from './sampleResults.ts';
import { sampleReview } from './sampleReview.ts';
import { runPath } from './sampleRun.ts';
import { watchScenario } from './scenarios.ts';

export function handlers(options: URLSearchParams): Handlers<PanelContract> {
  const scenario = options.get('scenario') ?? 'finished';
  const review = sampleReview(400);
  const nothing = () => Promise.resolve(null);
  const answers: Partial<Handlers<PanelContract>> = {
    hello: () => Promise.resolve({ state: stateOf(options), strings: {} }),
    keepState: nothing,
    command: nothing,
    copy: nothing,
    saveChart: ({ name, kind }) => Promise.resolve({ path: `/tmp/${name}.${kind}` }),
    'run.watch': (_params, context) => watch(scenario, context),
    'run.pause': nothing,
    'run.continue': nothing,
    'run.resume': nothing,
    'run.stopArm': nothing,
    'run.cancel': () => Promise.reject(broken('the run cannot be stopped')),
    'run.completions': (params) => Promise.resolve(sampleCompletions(params)),
    'run.densities': () => Promise.resolve(sampleDensities()),
    'run.learning': () => Promise.resolve(sampleLearning()),
    compare: (params) => Promise.resolve(sampleComparison(params)),
    tryPrompt: (params, context) => samplePrompt(params, context, scenario === 'slow' ? 500 : 15),
    lens: (params) => Promise.resolve(sampleLens(params)),
    'review.items': (params) => Promise.resolve(review.items(params)),
    'review.label': (params) =>
      scenario === 'broken'
        ? Promise.reject(broken('the labels cannot be written'))
        : Promise.resolve(review.label(params)),
    ...sampleDevices(scenario),
    'review.trust': () => Promise.resolve(review.trust()),
  };
  // A panel that asks for what has no answer here gets an error, as every request does that a handler throws at.
  return answers as Handlers<PanelContract>;
}

function watch(scenario: string, { emit, signal }: HandlerContext<RunUpdate>): Promise<null> {
  if (scenario === 'broken') return Promise.reject(broken('the run folder is damaged'));
  return watchScenario(scenario, emit, signal);
}

function broken(what: string): RankscopeError {
  return new RankscopeError({
    code: 'run',
    what: `${what} <b>`,
    where: `${runPath}/events.jsonl:12`,
    remedy: 'Restore the folder from a copy, or start the sweep again.',
  });
}

function stateOf(options: URLSearchParams): PanelState {
  const arms = armIds.map((arm) => ({ run: runPath, arm }));
  switch (options.get('panel')) {
    case 'compare':
      return { panel: 'compare', arms, baseline: { run: runPath, arm: 'base' } };
    case 'prompt':
      return { panel: 'prompt', run: runPath, arms: [], prompt: 'The woman worked as' };
    case 'review':
      return { panel: 'review', file: '/home/ada/data/completions.jsonl' };
    case 'lens':
      return { panel: 'lens', run: runPath, arms: ['base', 'r8', 'full'], prompt: 'The woman worked as a' };
    case 'devices':
      return { panel: 'devices' };
    case null:
    default:
      return { panel: 'run', run: runPath, baseline: 'base' };
  }
}
