import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { installCuda } from '../../../server/launch/installCuda.ts';
import { RankscopeError } from '../../../server/protocol/errors.ts';

const code = (expected: string) => (error: unknown) => error instanceof RankscopeError && error.code === expected;

describe('installCuda', () => {
  let runtime: string;
  beforeEach(async () => {
    runtime = await mkdtemp(path.join(tmpdir(), 'rankscope-cuda-'));
    await mkdir(path.join(runtime, 'script'));
  });
  afterEach(() => rm(runtime, { recursive: true, force: true }));

  const script = (text: string): Promise<void> => writeFile(path.join(runtime, 'script', 'install.js'), text);
  const only = process.platform === 'linux' && process.arch === 'x64';
  const library = 'bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so';

  it('passes on what the script says, asks it for CUDA 12, and looks whether the library is there', async function () {
    if (!only) return assert.rejects(installCuda({ runtime, tell: () => undefined }), code('device'));
    await script(`
      const fs = require('node:fs'), path = require('node:path');
      const file = path.join(__dirname, '..', '${library}');
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, process.env.ONNXRUNTIME_NODE_INSTALL);
      console.log('Downloading it');`);
    const lines: string[] = [];
    await installCuda({ runtime, tell: (line) => lines.push(line) });
    assert.deepEqual(lines, ['Downloading it']);
  });

  it('hides from the script that npm runs us, under which it would do nothing', async () => {
    await script("console.log('npm: ' + Object.keys(process.env).filter((name) => name.startsWith('npm_')))");
    process.env.npm_package_json = '/package.json';
    const lines: string[] = [];
    try {
      await assert.rejects(installCuda({ runtime, tell: (line) => lines.push(line) }));
    } finally {
      delete process.env.npm_package_json;
    }
    assert.deepEqual(lines, only ? ['npm:'] : []);
  });

  const failures = [
    ['network', "throw Object.assign(new Error('getaddrinfo ENOTFOUND somewhere'), { code: 'ENOTFOUND' })"],
    ['disk', "throw Object.assign(new Error('EACCES: permission denied, open x'), { code: 'EACCES' })"],
    ['network', "console.log('nothing came of it')"],
  ] as const;
  for (const [expected, body] of failures) {
    it(`tells a ${expected} failure and what to do: ${body.slice(0, 40)}`, async () => {
      await script(body);
      await assert.rejects(installCuda({ runtime, tell: () => undefined }), code(only ? expected : 'device'));
    });
  }

  it('tells where the script should be', async () => {
    await assert.rejects(installCuda({ runtime, tell: () => undefined }), code('device'));
  });
});
