/**
 * The arrows of docs/architecture.md: inward only, no cycle.
 * Each inner folder lists what it may import from; everything else in server/ is forbidden to it.
 */
const inner = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^(server|client|webview|test|bench|scripts)/', pathNot: [from, ...allowed] },
});
const errors = '^server/(protocol|random|files)/';

/**
 * The arrows between the rooms of a folder: each room lists the rooms that it may import from, and only rooms listed
 * before it, so that they form no circle. The room '.' is the folder's own files.
 */
function rooms(folder, allowed) {
  const place = (room) => (room === '.' ? `^${folder}/[^/]+$` : `^${folder}/${room}/`);
  const names = Object.keys(allowed);
  return names.map((room, at) => {
    const later = allowed[room].find((other) => !names.slice(0, at).includes(other));
    if (later !== undefined)
      throw new RangeError(`${folder}: ${room} stands before ${later} and cannot import from it`);
    return {
      name: `${folder}/${room}`,
      severity: 'error',
      from: { path: place(room) },
      to: { path: `^${folder}/`, pathNot: [place(room), ...allowed[room].map(place)] },
    };
  });
}

const panelParts = ['text', 'chart', 'page', 'parts'];
const houses = [
  ...rooms('server/engine', {
    weights: [],
    ops: [],
    autodiff: ['ops'],
    onnx: ['weights', 'ops'],
    onnxFile: ['weights', 'onnx'],
    programs: ['ops', 'onnx'],
    models: ['weights', 'ops', 'onnx', 'programs'],
    batch: ['onnx', 'models'],
    optimiser: ['weights', 'ops', 'onnx', 'programs'],
    adapters: ['weights', 'ops', 'onnx', 'models', 'optimiser'],
    tokenizer: ['weights'],
    checkpoints: ['weights', 'tokenizer'],
    train: ['ops', 'autodiff', 'onnx', 'programs', 'models', 'batch', 'optimiser', 'adapters'],
    generate: ['ops', 'onnx', 'programs', 'models', 'batch', 'optimiser', 'adapters', 'train'],
    encoder: ['weights', 'ops', 'onnx', 'programs', 'models', 'batch', 'adapters', 'tokenizer', 'generate'],
  }),
  ...rooms('server/engine/models', { '.': [], blocks: ['.'], families: ['.', 'blocks'] }),
  ...rooms('server/judges', {
    judge: [],
    labels: ['judge'],
    lexicon: ['judge'],
    models: ['judge'],
    '.': ['judge', 'labels', 'lexicon', 'models'],
  }),
  ...rooms('server/experiments', {
    ports: [],
    data: ['ports'],
    sweep: ['ports', 'data'],
    tuning: ['ports', 'data', 'sweep'],
    classification: ['ports', 'data', 'sweep', 'tuning'],
    toxicity: ['ports', 'data', 'sweep', 'tuning'],
  }),
  ...rooms('server/report', {
    tables: [],
    data: ['tables'],
    figures: ['tables', 'data'],
    verdict: ['tables', 'figures'],
    reproduction: ['tables', 'data', 'verdict'],
    experiments: ['tables', 'data', 'figures', 'reproduction', 'verdict'],
    '.': ['tables', 'data', 'figures', 'reproduction', 'verdict', 'experiments'],
  }),
  ...rooms('server/worker', {
    devices: [],
    training: [],
    host: ['devices', 'training'],
    judges: ['host'],
    requests: ['host', 'judges'],
    sweep: ['host', 'judges'],
    estimate: ['host', 'judges', 'sweep'],
    '.': ['devices', 'host', 'judges', 'requests', 'sweep', 'estimate'],
  }),
  ...rooms('server/lsp', {
    transport: [],
    judges: [],
    documents: ['judges'],
    features: ['documents'],
    session: ['judges', 'documents', 'features'],
    commands: ['judges', 'documents', 'features', 'session'],
    runs: ['judges', 'documents', 'session'],
    '.': ['transport', 'judges', 'documents', 'features', 'session', 'commands', 'runs'],
  }),
  ...rooms('server/lsp/runs', {
    history: [],
    ownership: [],
    live: ['history', 'ownership'],
    results: [],
    review: [],
    requests: ['ownership', 'live', 'results', 'review'],
  }),
  ...rooms('server/cli', {
    options: [],
    output: ['options'],
    recipes: [],
    commands: ['options', 'output', 'recipes'],
    '.': ['options', 'output', 'commands'],
  }),
  ...rooms('client', {
    trust: [],
    workspace: [],
    server: ['trust', 'workspace'],
    panels: ['workspace', 'server'],
    runs: ['workspace', 'server'],
    completions: ['server', 'runs'],
    host: ['server', 'panels', 'runs'],
    pick: ['runs', 'host'],
    sweeps: ['workspace', 'server', 'host'],
    control: ['trust', 'workspace', 'server', 'runs', 'host', 'pick', 'sweeps'],
    commands: ['trust', 'workspace', 'server', 'runs', 'completions', 'host', 'pick', 'sweeps'],
    tool: ['host'],
    views: ['workspace', 'runs', 'host'],
    '.': [
      'trust',
      'server',
      'panels',
      'runs',
      'completions',
      'host',
      'pick',
      'sweeps',
      'control',
      'commands',
      'tool',
      'views',
    ],
  }),
  ...rooms('webview', {
    text: [],
    chart: ['text'],
    page: ['text', 'chart'],
    parts: ['text', 'chart', 'page'],
    compare: panelParts,
    devices: panelParts,
    lens: panelParts,
    prompt: panelParts,
    review: panelParts,
    run: panelParts,
  }),
];

module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-folder-cycle',
      severity: 'error',
      scope: 'folder',
      from: { path: '^(server|client|webview)(/|$)' },
      to: { circular: true },
    },
    ...houses,
    inner('protocol-imports-nothing', '^server/protocol/', []),
    // What is measured and how it is written and drawn; every surface iterates it.
    inner('measures', '^server/measures/', ['^server/protocol/']),
    inner('files', '^server/files/', ['^server/protocol/']),
    inner('dataset', '^server/dataset/', [errors]),
    inner('metrics', '^server/metrics/', [errors]),
    // Singular values: linear algebra that knows no engine.
    inner('spectra', '^server/spectra/', [errors]),
    // What a verdict is: numbers and words, from outcomes alone.
    inner('verdict', '^server/verdict/', [errors]),
    // Judges get models as functions; they never import the engine.
    inner('judges', '^server/judges/', [errors, '^server/dataset/']),
    // The engine knows models, not toxicity.
    inner('engine', '^server/engine/', [errors]),
    // How a question is run, engine-agnostic: the engine arrives as a port.
    inner('experiments', '^server/experiments/', [errors, '^server/dataset/', '^server/judges/', '^server/metrics/']),
    inner('trust', '^server/trust/', [errors, '^server/(judges|metrics)/']),
    inner('runs', '^server/runs/', [errors]),
    inner('report', '^server/report/', [errors, '^server/(measures|metrics|verdict|runs)/']),
    inner('launch', '^server/launch/', [errors]),
    inner('lsp', '^server/lsp/', [
      errors,
      '^server/(dataset|judges|measures|metrics|verdict|trust|runs|report|launch)/',
    ]),
    // The command line and the language server are two doors; neither imports the other.
    inner('cli', '^server/cli/', [
      errors,
      '^server/(dataset|judges|measures|metrics|verdict|trust|runs|report|launch)/',
    ]),
    {
      name: 'one-file-imports-onnxruntime',
      comment: 'A native abort kills its process: sessions live behind one file, in the engine process.',
      severity: 'error',
      from: { pathNot: '^server/engine/onnx/runtime\\.ts$|^bench/|^test/oracles/' },
      to: { path: 'onnxruntime-node' },
    },
    {
      name: 'only-the-worker-runs-the-engine',
      comment: 'No InferenceSession in the extension host, the language server or the command line.',
      severity: 'error',
      from: {
        path: '^(client|webview|server/(lsp|cli|launch|runs|report|trust|judges|metrics|verdict|dataset|experiments))/',
      },
      to: { path: '^server/(engine|worker)/' },
    },
    {
      name: 'the-client-knows-protocol-and-measures-only',
      severity: 'error',
      from: { path: '^(client|webview)/' },
      to: { path: '^server/', pathNot: '^server/(protocol|measures)/' },
    },
    {
      name: 'measures-run-anywhere',
      comment: 'Panels import them: no module of Node, no package.',
      severity: 'error',
      from: { path: '^server/measures/' },
      to: { dependencyTypes: ['core', 'npm'] },
    },
    {
      name: 'product-never-imports-its-tests',
      severity: 'error',
      from: { path: '^(client|server|webview)/' },
      to: { path: '^(test|bench|scripts)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'] },
  },
};
