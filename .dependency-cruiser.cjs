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

module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    inner('protocol-imports-nothing', '^server/protocol/', []),
    inner('files', '^server/files/', ['^server/protocol/']),
    inner('dataset', '^server/dataset/', [errors]),
    inner('metrics', '^server/metrics/', [errors]),
    // Judges get models as functions; they never import the engine.
    inner('judges', '^server/judges/', [errors, '^server/dataset/']),
    // The engine knows models, not toxicity.
    inner('engine', '^server/engine/', [errors]),
    // How a question is run, engine-agnostic: the engine arrives as a port.
    inner('experiments', '^server/experiments/', [errors, '^server/dataset/', '^server/judges/', '^server/metrics/']),
    inner('runs', '^server/runs/', [errors, '^server/metrics/']),
    inner('launch', '^server/launch/', [errors]),
    inner('lsp', '^server/lsp/', [errors, '^server/(dataset|judges|metrics|runs|launch)/']),
    inner('cli', '^server/cli/', [errors, '^server/(dataset|judges|metrics|runs|launch|lsp)/']),
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
      from: { path: '^(client|webview|server/(lsp|cli|launch|runs|judges|metrics|dataset|experiments))/' },
      to: { path: '^server/(engine|worker)/' },
    },
    {
      name: 'the-client-knows-the-protocol-only',
      severity: 'error',
      from: { path: '^(client|webview)/' },
      to: { path: '^server/', pathNot: '^server/protocol/' },
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
