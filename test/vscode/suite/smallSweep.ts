import * as vscode from 'vscode';
import { inWorkspace } from './extension.ts';

/** A sweep on the demo model that takes some seconds: two ranks and full fine-tuning, a few steps. */
export async function writeSmallSweep(
  name: string,
  change: Readonly<Record<string, unknown>> = {},
): Promise<vscode.Uri> {
  const demo = JSON.parse(
    Buffer.from(await vscode.workspace.fs.readFile(inWorkspace('demo/demo.sweep.json'))).toString(),
  ) as {
    data: { prompts: object; heldOut: object };
  };
  const sweep = {
    ...demo,
    name: 'Small',
    data: { ...demo.data, prompts: { ...demo.data.prompts, limit: 24 }, heldOut: { ...demo.data.heldOut, limit: 24 } },
    arms: { ranks: [2, 8], full: true, learningRate: 1e-3 },
    training: { steps: 12, batchSize: 8, gradientAccumulation: 1, maxLength: 64 },
    generation: { samples: 2, maxNewTokens: 16 },
    evaluation: { everySteps: 4, prompts: 8, resamples: 200 },
    checkpointEverySteps: 4,
    ...change,
  };
  const uri = inWorkspace(`demo/${name}.sweep.json`);
  await vscode.workspace.fs.writeFile(uri, Buffer.from(JSON.stringify(sweep, null, 2)));
  return uri;
}
