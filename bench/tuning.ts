/**
 * Does successive halving find the rate that training each to its end finds, and at which share of the steps?
 *
 *     npx tsx bench/tuning.ts [SWEEP.json [ARM...]]     # the demo's sweep and all of its arms unless others are named; minutes
 *
 * For every group of arms that share a tuned rate: the rate by halving, the best of the exhaustive grid by the loss of the tune
 * pairs after the whole training, how many grid steps lie between them, and the optimiser steps of both.
 */
import path from 'node:path';
import { splitPairs, wantedPairs } from '../server/experiments/data/pairSplit.ts';
import { resolveSweep } from '../server/experiments/resolveSweep.ts';
import { trainingOptions } from '../server/experiments/sweep/sweepOptions.ts';
import { readToxicityData } from '../server/experiments/toxicity/toxicityMitigation.ts';
import { planLength } from '../server/experiments/sweep/trainingLength.ts';
import { chooseRate, trialLengths, type RateTrial } from '../server/experiments/tuning/successiveHalving.ts';
import { tuningGroups, type TuningGroup } from '../server/experiments/data/tuningGrid.ts';
import { isMeasured } from '../server/protocol/run/estimate.ts';
import { meanLoss } from '../server/metrics/distribution/meanLoss.ts';
import { internal } from '../server/protocol/errors.ts';
import { createEngineHost } from '../server/worker/host/engineModel.ts';

const [given = 'examples/demo/demo.sweep.json', ...named] = process.argv.slice(2);
const file = path.resolve(given);
const { sweep, arms } = await resolveSweep(file);
if (sweep.experiment !== 'toxicity') throw internal('The sweep is not of the toxicity experiment.');
const { prompts, givenPairs = [] } = await readToxicityData(sweep);
const pairs = await splitPairs(givenPairs, prompts, wantedPairs(sweep));
const { training, steps } = planLength(sweep, pairs.training.length);
const { arms: asked } = sweep;
const model = await createEngineHost().openModel(sweep.model, { device: sweep.device, threads: sweep.threads });

async function tryRates(group: TuningGroup, rates: readonly number[], length: number): Promise<readonly RateTrial[]> {
  const trials: RateTrial[] = [];
  for (const learningRate of rates) {
    const plan = { ...group.tried, learningRate, id: `${group.tried.id}-${learningRate}` };
    const options = { ...trainingOptions({ training }), length: { steps: length } };
    await model.train([plan], pairs.training, options, {
      onStep: () => undefined,
      onArmFailed: () => undefined,
      onBoundary: () => Promise.resolve({ stop: [] }),
    });
    const [losses = []] = await model.pairLosses([plan.id], pairs.tune);
    const mean = meanLoss(losses);
    model.forgetArm?.(plan.id);
    trials.push({ learningRate, steps: length, ...(isMeasured(mean) && { loss: mean.loss }) });
  }
  return trials;
}

const gridOf = (method: 'lora' | 'full'): number[] =>
  tuningGroups({ arms: asked }, arms).flatMap((group) => (group.method === method ? [...group.grid] : []));
const learningRate = { tune: 'rank' as const, lora: gridOf('lora'), full: gridOf('full') };
const everyRank = { arms: { ...asked, learningRate } };

for (const group of tuningGroups(everyRank, arms)) {
  if (named.length > 0 && !named.includes(group.tried.id)) continue;
  const chosen = await chooseRate(group.grid, trialLengths(steps), (rates, length) => tryRates(group, rates, length));
  const whole = await tryRates(group, group.grid, steps);
  const best = [...whole].sort((a, b) => (a.loss ?? Infinity) - (b.loss ?? Infinity))[0];
  const apart = Math.abs(group.grid.indexOf(chosen?.learningRate ?? 0) - group.grid.indexOf(best?.learningRate ?? 0));
  const spent = chosen?.trials.reduce((sum, trial) => sum + trial.steps, 0) ?? 0;
  const losses = whole.map(({ learningRate, loss }) => `${learningRate}: ${loss?.toFixed(4) ?? 'none'}`).join(', ');
  console.log(
    `${group.tried.id}: halving ${chosen?.learningRate}, exhaustive ${best?.learningRate}, ${apart} grid steps apart; ` +
      `${spent} steps against ${group.grid.length * steps} (${((100 * spent) / (group.grid.length * steps)).toFixed(0)} %); ` +
      `losses after the whole training: ${losses}`,
  );
}
await model.dispose();
