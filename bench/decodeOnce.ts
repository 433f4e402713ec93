/**
 * Greedy decoding by the base and adapters of PEFT's folders together, in a process of its own. Prints one JSON object:
 * tokens a second of a second pass over all prompts, and what the first took more for compiling; the completions' tokens.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createEngineHost } from '../server/worker/host/engineModel.ts';
import { readLines } from './readPairs.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: '' },
    prompts: { type: 'string', default: '' },
    adapters: { type: 'string', default: '' },
    'new-tokens': { type: 'string', default: '16' },
    threads: { type: 'string', default: '2' },
  },
});

const greedy = { temperature: 0, topK: 0, topP: 1, seed: 0, samples: 1, stop: [] };

async function main(): Promise<void> {
  const prompts = readLines(values.prompts);
  const model = await createEngineHost().openModel(values.model, { device: 'cpu', threads: Number(values.threads) });
  const names = readdirSync(values.adapters);
  for (const name of names) await model.loadAdapter(name, path.join(values.adapters, name));
  const arms = ['base', ...names];
  const pass = async () => {
    const began = performance.now();
    const completions = await model.complete(arms, prompts, { ...greedy, maxNewTokens: Number(values['new-tokens']) });
    return { completions, seconds: (performance.now() - began) / 1000 };
  };
  const first = await pass();
  const { completions, seconds } = await pass();
  const ofArm = (arm: string) => completions.filter((c) => c.arm === arm).map(({ tokens }) => tokens);
  console.log(
    JSON.stringify({
      tokens_per_s: completions.reduce((sum, { tokens }) => sum + tokens.length, 0) / seconds,
      first_seconds: first.seconds,
      seconds,
      completions: Object.fromEntries(arms.map((arm) => [arm, ofArm(arm)])),
      peak_mb: process.resourceUsage().maxRSS / 1024,
    }),
  );
  await model.dispose();
}

void main();
