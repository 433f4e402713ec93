/** What is mutated: the one place to change when folders move. */
export interface MutatedFolder {
  readonly name: string;
  /** Paths from the root, with `/`. */
  readonly files: RegExp;
}

/** The files of server/worker/ that turn what the engine gives into events, figures and records, wherever they lie in it. */
const joins = [
  ...['answerGenerate', 'answerJudge', 'answerLens', 'answerLogits', 'dataHashes', 'engineModel', 'readArmLens'],
  ...['loadingEvents', 'openedClassifier', 'openedModel', 'outcomeLog', 'readArmPositions', 'precisionCheck'],
  ...['readArmFolder', 'startSweep', 'sweepControl', 'sweepQuestion', 'trainArms', 'trainingProgress'],
];

/** The order matters: a file belongs to the first folder that it fits. */
export const mutatedFolders: readonly MutatedFolder[] = [
  { name: 'server/metrics', files: /^server\/metrics\// },
  { name: 'server/measures', files: /^server\/measures\// },
  { name: 'server/experiments', files: /^server\/experiments\// },
  { name: 'server/runs', files: /^server\/(runs|report)\// },
  { name: 'server/worker', files: new RegExp(`^server/worker/(.*/)?(${joins.join('|')})\\.ts$`) },
  { name: 'client/runs', files: /^client\/(runs|tool|completions)\// },
  { name: 'webview', files: /^webview\// },
];

export function folderOf(file: string): string | undefined {
  return mutatedFolders.find(({ files }) => files.test(file))?.name;
}

/**
 * A file that imports one of these, or holds one of these names, needs an editor or a page: other suites test it, and it is
 * not mutated.
 */
export const needsHost = {
  modules: ['vscode', '@vscode/webview-ui-toolkit', 'chart.js'],
  names: /\b(document|window)\./,
};

/** Golden runs: they reach far, and are tried before other tests that are as far. */
export const goldenTests = /^test\/golden\//;

/** Where the tests are that are run against a mutant. */
export const testFiles = /^test\/(server|client|webview|golden)\/.*\.test\.ts$/;
