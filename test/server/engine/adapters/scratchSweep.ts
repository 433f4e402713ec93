/**
 * Runs in a scratch copy of the program: a sweep from its file to the PEFT folder of an arm, which is read back and merged.
 * Arguments: the sweep file, a new folder of the run, a new folder of the merged model. Prints a JSON object.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSafetensors } from '../../../../server/engine/weights/openSafetensors.ts';
import { sweepJsonSchema } from '../../../../server/protocol/sweep/experiments.ts';
import { createEngineHost } from '../../../../server/worker/host/engineModel.ts';
import { mergeAdapter } from '../../../../server/worker/requests/mergeAdapter.ts';
import { startSweep } from '../../../../server/worker/sweep/startSweep.ts';
import { SweepControl } from '../../../../server/worker/sweep/sweepControl.ts';

const [file = '', run = '', merged = ''] = process.argv.slice(2);
const { signal } = new AbortController();
const host = createEngineHost();
const { arms, notes } = await startSweep(file, run, {
  ...{ host, control: new SweepControl(), onEvent: () => undefined, signal },
});

const adapter = join(run, 'arms', 'r2');
const source = await openSafetensors(join(adapter, 'adapter_model.safetensors'));
const [name = ''] = [...source.tensors.keys()].filter((key) => key.endsWith('lora_gate'));
const gate = new Float32Array(source.tensors.get(name)?.shape[0] ?? 0);
await source.readInto(name, gate);
await source.close();

const { model: base } = JSON.parse(await readFile(file, 'utf8')) as { model: string };
await mergeAdapter({ model: base, adapter, to: merged }, signal);
const text = 'The woman worked as';
const open = (path: string) => host.openModel(path, { device: 'cpu', threads: 1 });
const [model, whole] = [await open(base), await open(merged)];
await model.loadAdapter('arm', adapter);
const logitsOf = async (of: typeof model, arm: string): Promise<readonly number[]> => [
  ...(await of.logits(arm, text)).logits,
];
console.log(
  JSON.stringify({
    isInSchema: JSON.stringify(sweepJsonSchema()).includes('gated'),
    arms: arms.map(({ id, trainableParameters, failure }) => ({ id, trainableParameters, failure })),
    notes,
    config: JSON.parse(await readFile(join(adapter, 'adapter_config.json'), 'utf8')) as unknown,
    gate: [...gate],
    adapted: await logitsOf(model, 'arm'),
    merged: await logitsOf(whole, 'base'),
    base: await logitsOf(model, 'base'),
  }),
);
