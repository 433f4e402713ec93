import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { ParameterStore } from '../../../../server/engine/optimiser/parameterStore.ts';
import { relativeError } from '../onnx/runGraph.ts';
import { oracle } from '../train/trainingOracle.ts';

const { shapes, start, options, steps } = oracle.adamw;

function openStore(): ParameterStore {
  const store = new ParameterStore(Object.entries(shapes).map(([name, shape]) => ({ name, shape })));
  for (const name of store.names) store.tensor(name, 'value').data.set(start[name] ?? []);
  return store;
}

const file = (path: string): string => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));

describe('AdamW', () => {
  it('moves matrices and vectors as PyTorch does for 20 steps, vectors without decay', () => {
    const store = openStore();
    for (const [i, { learningRate, gradients, values }] of steps.entries()) {
      for (const name of store.names) store.tensor(name, 'gradient').data.set(gradients[name] ?? []);
      store.adamw({ ...options, gradientScale: 1, learningRate, step: i + 1 });
      for (const name of store.names) {
        const error = relativeError(store.tensor(name, 'value').data, values[name] ?? []);
        assert.ok(error <= 1e-6, `step ${i + 1}, ${name}: ${error}`);
      }
    }
  });

  it('scales the gradient as if it had come smaller, bit for bit at powers of two', () => {
    const [plain, scaled] = [openStore(), openStore()];
    for (const [i, { learningRate, gradients }] of steps.entries()) {
      for (const name of plain.names) {
        plain.tensor(name, 'gradient').data.set(gradients[name] ?? []);
        scaled.tensor(name, 'gradient').data.set((gradients[name] ?? []).map((g) => 8 * g));
      }
      plain.adamw({ ...options, gradientScale: 1, learningRate, step: i + 1 });
      scaled.adamw({ ...options, gradientScale: 1 / 8, learningRate, step: i + 1 });
    }
    for (const name of plain.names)
      assert.deepEqual(scaled.tensor(name, 'value').data, plain.tensor(name, 'value').data);
  });

  it('leaves a vector without a gradient where it is, and shrinks a matrix by its decay', () => {
    const store = openStore();
    store.adamw({ ...options, gradientScale: 1, learningRate: 0.5, weightDecay: 0.1, step: 1 });
    assert.deepEqual([...store.tensor('vector', 'value').data], start.vector);
    const shrunk = (start.matrix ?? []).map((x) => Math.fround(x * Math.fround(0.95)));
    assert.deepEqual([...store.tensor('matrix', 'value').data], shrunk);
  });
});

describe('ParameterStore', () => {
  it('counts scalars, and keeps sections and parameters apart', () => {
    const store = openStore();
    assert.equal(store.count, 15 + 7 + 4 + 1);
    for (const [i, name] of store.names.entries()) store.tensor(name, 'gradient').data.fill(i + 1);
    for (const [i, name] of store.names.entries()) {
      assert.deepEqual([...store.tensor(name, 'value').data], start[name]);
      assert.ok(store.tensor(name, 'gradient').data.every((g) => g === i + 1));
      assert.ok(store.tensor(name, 'firstMoment').data.every((m) => m === 0));
    }
  });

  it('takes the norm over all gradients', () => {
    const store = openStore();
    store.tensor('vector', 'gradient').data.fill(2);
    store.tensor('one', 'gradient').data.fill(-6);
    assert.equal(store.gradientNorm(), Math.sqrt(7 * 4 + 36));
    assert.equal(store.firstNonFinite(), undefined);
  });

  it('keeps the norm finite for gradients whose squares overflow float32', () => {
    const store = openStore();
    store.tensor('one', 'gradient').data.fill(3e38);
    assert.ok(Math.abs(store.gradientNorm() / 3e38 - 1) < 1e-6);
  });

  it('names the parameter whose gradient has an element that is not finite', () => {
    for (const bad of [NaN, Infinity, -Infinity]) {
      const store = openStore();
      store.tensor('square', 'gradient').data[3] = bad;
      assert.ok(!Number.isFinite(store.gradientNorm()));
      assert.equal(store.firstNonFinite(), 'square');
    }
  });
});

describe('the committed kernel', () => {
  it('is what scripts/buildKernels.mjs compiles', async () => {
    // In a process of its own: the compiler would take several times as long through this one's TypeScript loader.
    const script = pathToFileURL(file('scripts/buildKernels.mjs')).href;
    const print = `import(${JSON.stringify(script)}).then(async (m) => process.stdout.write(await m.compileKernels()))`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', print], {
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    assert.equal(readFileSync(file('server/engine/optimiser/adamwKernel.generated.ts'), 'utf8'), stdout);
  });
});
