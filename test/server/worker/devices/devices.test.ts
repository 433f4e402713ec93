import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ProbeAnswer, ProbeRequest, Trial } from '../../../../server/protocol/devices/deviceTrial.ts';
import { answerProbe } from '../../../../server/worker/devices/deviceProbe.ts';
import { chooseDevice, describeDevices, type TimedModel } from '../../../../server/worker/devices/devices.ts';
import type { Prober } from '../../../../server/worker/devices/probeInChild.ts';

const model: TimedModel = {
  path: '/model',
  folder: '/weights',
  storage: 'float32',
  prepack: true,
  config: { model_type: 'gpt2', n_layer: 2 },
  threads: 2,
};
const trial = (seconds: number, parts: Partial<Trial> = {}): ProbeAnswer => ({
  trial: {
    losses: [3, 2.5],
    seconds,
    share: { nodes: 9, onDevice: 9, elsewhere: [], copies: 0 },
    stateReadBack: 0,
    ...parts,
  },
});

describe('chooseDevice', () => {
  let cache: string;
  beforeEach(async () => (cache = await mkdtemp(path.join(tmpdir(), 'rankscope-devices-'))));
  afterEach(() => rm(cache, { recursive: true, force: true }));

  /** Answers for each device, and what was asked. */
  function prober(answers: Readonly<Record<string, ProbeAnswer>>): { probe: Prober; asked: ProbeRequest[] } {
    const asked: ProbeRequest[] = [];
    const probe: Prober = (request) => {
      asked.push(request);
      return Promise.resolve(answers[request.device] ?? { failed: { code: 'device', what: 'not there' } });
    };
    return { probe, asked };
  }

  it('takes the fastest device that has the losses of the CPU, and tells all timings', async () => {
    const { probe, asked } = prober({ cpu: trial(1), webgpu: trial(0.2), cuda: trial(0.1, { losses: [3, 2.4] }) });
    const choice = await chooseDevice(model, { probe, cache, candidates: ['webgpu', 'cuda'] });
    assert.equal(choice.chosen, 'webgpu');
    assert.deepEqual(
      choice.timings.map(({ device, seconds }) => [device, seconds]),
      [
        ['cpu', 1],
        ['webgpu', 0.2],
        ['cuda', undefined],
      ],
    );
    assert.match(choice.timings[2]?.reason ?? '', /losses differ from the CPU's by 4\.0e-2/);
    assert.deepEqual(
      asked.map(({ model: timed }) => timed?.folder),
      ['/weights', '/weights', '/weights'],
    );
  });

  it('keeps to the CPU where the others are slower, crash or leave nodes to it', async () => {
    const share = { nodes: 9, onDevice: 8, elsewhere: ['Gather (CPUExecutionProvider)'], copies: 2 };
    const { probe } = prober({ cpu: trial(1), webgpu: trial(3), cuda: trial(0.1, { share }) });
    const choice = await chooseDevice(model, { probe, cache, candidates: ['webgpu', 'cuda', 'dml'] });
    assert.equal(choice.chosen, 'cpu');
    assert.match(choice.timings[2]?.reason ?? '', /left nodes to others: Gather/);
    assert.equal(choice.timings[3]?.reason, 'not there');
  });

  it('keeps to the CPU where a loss is not a number', async () => {
    const { probe } = prober({ cpu: trial(1), webgpu: trial(0.1, { losses: [NaN, NaN] }) });
    assert.equal((await chooseDevice(model, { probe, cache, candidates: ['webgpu'] })).chosen, 'cpu');
  });

  it('times a machine and a shape of model once', async () => {
    const { probe, asked } = prober({ cpu: trial(1), webgpu: trial(0.2) });
    const options = { probe, cache, candidates: ['webgpu'] as const };
    const first = await chooseDevice(model, options);
    assert.deepEqual(await chooseDevice({ ...model, path: '/elsewhere' }, options), first);
    assert.equal(asked.length, 2);
    await chooseDevice({ ...model, config: { ...model.config, n_layer: 3 } }, options);
    assert.equal(asked.length, 4);
  });

  it('times nothing where the CPU is all there is', async () => {
    const { probe, asked } = prober({});
    assert.deepEqual(await chooseDevice(model, { probe, cache, candidates: [] }), { chosen: 'cpu', timings: [] });
    assert.equal(asked.length, 0);
  });
});

describe('describeDevices', () => {
  it('tells of every device whether it can be used, and else why and what to do', async () => {
    const words = { code: 'device', what: 'The process was ended by SIGSEGV.', remedy: 'Update the driver.' } as const;
    const found = await describeDevices((request) =>
      Promise.resolve(request.device === 'cpu' ? trial(1) : { failed: words }),
    );
    assert.deepEqual(
      found.map(({ name }) => name),
      ['cpu', 'webgpu', 'cuda', 'dml', 'coreml'],
    );
    const [cpu, webgpu] = found;
    assert.ok(cpu?.available && (cpu.memoryBytes ?? 0) > 2 ** 20);
    assert.match(cpu.detail, /9 of 9 nodes on it/);
    assert.equal(webgpu?.detail, words.what);
    for (const { available, remedy } of found) assert.equal(available, remedy === undefined);
  });
});

describe('answerProbe', () => {
  it('trains tiny models of several families on the CPU, every node there', async () => {
    const answer = await answerProbe(JSON.stringify({ device: 'cpu', threads: 1 }));
    assert.ok('trial' in answer, JSON.stringify(answer));
    assert.equal(answer.trial.losses.length, 6);
    assert.ok(answer.trial.losses.every((loss) => loss > 1 && loss < 20));
    assert.equal(answer.trial.share.onDevice, answer.trial.share.nodes);
  });

  it('answers what it cannot do', async () => {
    for (const request of ['{', '{"device":"abacus","threads":1}'])
      assert.ok('failed' in (await answerProbe(request)), request);
    const missing = await answerProbe(JSON.stringify({ device: 'coreml', threads: 1 }));
    assert.ok('failed' in missing || process.platform === 'darwin');
  });
});
