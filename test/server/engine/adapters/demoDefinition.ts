import { openCheckpoint } from '../../../../server/engine/checkpoints/openCheckpoint.ts';
import { defineModel } from '../../../../server/engine/models/families/families.ts';
import type { ModelDefinition } from '../../../../server/engine/models/modelDefinition.ts';

/** The model of the demo, from its header. */
export async function describeDemo(): Promise<ModelDefinition> {
  const checkpoint = await openCheckpoint('examples/demo/model');
  await checkpoint.tensors.close();
  return defineModel(checkpoint.config, checkpoint.path);
}
