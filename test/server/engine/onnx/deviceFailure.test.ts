import assert from 'node:assert/strict';
import { deviceNames } from '../../../../server/engine/ops/device.ts';
import { assertDevice } from '../../../../server/engine/programs/assertDevice.ts';
import { runtimeFailure } from '../../../../server/engine/onnx/deviceFailure.ts';
import { errorDetails, RankscopeError } from '../../../../server/protocol/errors.ts';

describe('runtimeFailure', () => {
  const said: readonly [string, RegExp, RegExp][] = [
    [
      '/a/b.cc:136 f() status == Success was false. Failed to get a WebGPU adapter: No supported adapters',
      /no graphics adapter/,
      /driver/,
    ],
    [
      'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library',
      /cannot be loaded/,
      /install cuda/,
    ],
    ['WebGPU device lost (2): VK_ERROR_DEVICE_LOST', /lost while it worked/, /rankscope resume/],
    ['CUDA failure 700: an illegal memory access was encountered', /lost while it worked/, /rankscope resume/],
  ];
  for (const [message, what, remedy] of said) {
    it(`tells in words what "${message.slice(-40)}" means, and the remedy`, () => {
      const error = runtimeFailure('ONNX Runtime refused the program', 'webgpu', new RangeError(message));
      assert.equal(error.code, 'device');
      assert.match(error.message, what);
      assert.match(errorDetails(error).remedy ?? '', remedy);
      assert.doesNotMatch(error.message, /was false/);
    });
  }

  it('blames a device for nothing that happens on the CPU', () => {
    assert.equal(runtimeFailure('x', 'cpu', new RangeError('Failed to load library')).code, 'engine');
    assert.equal(runtimeFailure('x', 'webgpu', new RangeError('bad_alloc')).code, 'memory');
  });
});

describe('assertDevice', () => {
  it('has nothing to say against the CPU', () => assertDevice('cpu'));

  it('tells why a device that is not in this build cannot be had', async () => {
    const elsewhere = deviceNames.find((name) => name === (process.platform === 'darwin' ? 'dml' : 'coreml'));
    assert.ok(elsewhere);
    await assert.rejects(assertDevice(elsewhere), (error: unknown) => {
      return (
        error instanceof RankscopeError && error.code === 'device' && error.message.includes("not in this system's")
      );
    });
  });
});
