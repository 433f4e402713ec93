import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mergeAdapter } from '../../../server/worker/requests/mergeAdapter.ts';
import { OpenedModel } from '../../../server/worker/host/openedModel.ts';
import { caseAt, lastLogits, temporaryCache, topOf } from './cases.ts';

interface Expected {
  readonly model: string;
  readonly adapter: string | null;
  readonly texts: readonly { readonly top: number; readonly logits: readonly number[] }[] | null;
}

const expected = JSON.parse(readFileSync(caseAt('adapters', 'expected.json'), 'utf8')) as Record<string, Expected>;
const texts = readFileSync(caseAt('adapters', 'texts.txt'), 'utf8').trim().split('\n');
const open = (name: string): Promise<OpenedModel> =>
  OpenedModel.open(caseAt('adapters', name), { device: 'cpu', threads: 1 });

/** What is refused, and what the error must name. Every other adapter gives PEFT's logits. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  'mts-embed': /model\.embed_tokens\.weight is trained.*head is the same matrix/,
  'target-embed': /lora_embedding_A/,
  'trainable-tokens': /trainable_token/,
  ensure: /ensure_weight_tying/,
  pissa: /"init_lora_weights": "pissa"/,
  alora: /"alora_invocation_tokens"/,
  lorabias: /"lora_bias"/,
  bin: /adapter_model\.bin is pickled/,
  noprefix: /tensor model\.layers\.0\.self_attn\.q_proj\.lora_A\.weight does not name/,
  'extra-prefix': /tensor base_model\.model\.base_model\.model\.layers.* does not name/,
  'wrong-r': /lora_A\.weight has shape \[4, 64\]; the model needs \[8, 64\]/,
  'no-alpha': /"lora_alpha" is missing/,
};

describe('adapters that people have', () => {
  temporaryCache();
  const models = new Map<string, Promise<OpenedModel>>();
  const modelOf = (name: string): Promise<OpenedModel> => {
    const known = models.get(name) ?? open(name);
    models.set(name, known);
    return known;
  };
  after(async () => {
    for (const model of models.values()) await (await model).dispose();
  });

  for (const [name, { model: base, adapter, texts: right }] of Object.entries(expected)) {
    const folder = adapter === null ? undefined : caseAt('adapters', adapter);
    const refused = REFUSED[name];
    if (refused) {
      it(`${name} is refused by name`, async () => {
        const model = await modelOf(base);
        await assert.rejects(model.loadAdapter(name, folder ?? ''), refused);
      });
      continue;
    }
    it(`${name} gives PEFT's logits`, async () => {
      const model = await modelOf(base);
      if (folder !== undefined) await model.loadAdapter(name, folder);
      assert.equal(right?.length, texts.length);
      for (const [i, text] of texts.entries()) {
        assertLogits(await lastLogits(model, folder === undefined ? 'base' : name, text), right[i]);
      }
      model.forgetArm(name);
    });
  }

  for (const [name, base] of [
    ['dora', 'tied'],
    ['rank_pattern', 'tied'],
    ['target-head', 'untied'],
    ['embedsaved', 'tied'],
    ['bias-lora-gpt2', 'gpt2'],
  ] as const) {
    it(`${name} merged into its base gives PEFT's logits without an adapter`, async () => {
      const to = await mkdtemp(join(tmpdir(), 'merged-'));
      await mkdir(to, { recursive: true });
      const merge = { model: caseAt('adapters', base), adapter: caseAt('adapters', name), to };
      await mergeAdapter(merge, new AbortController().signal);
      const model = await OpenedModel.open(to, { device: 'cpu', threads: 1 });
      for (const [i, text] of texts.entries()) {
        assertLogits(await lastLogits(model, 'base', text), expected[name]?.texts?.[i]);
      }
      await model.dispose();
      await rm(to, { recursive: true });
    });
  }

  it('an adapter folder given as a model is said to be an adapter', async () => {
    await assert.rejects(open('plain'), /adapter.*"tied"/s);
  });
});

/** PEFT's values are rounded to five places. */
function assertLogits(
  ours: Float32Array,
  right: { readonly top: number; readonly logits: readonly number[] } | undefined,
) {
  assert.ok(right);
  assert.equal(topOf(ours), right.top);
  for (const [i, value] of right.logits.entries()) {
    assert.ok(Math.abs((ours[i] ?? NaN) - value) < 1e-4, `logit ${i}: ${String(ours[i])}, PEFT's ${value}`);
  }
}
