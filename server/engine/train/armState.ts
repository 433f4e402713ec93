import type { AnyFeeds, Program } from '../programs/program.ts';
import type { AnyTensor } from '../onnx/runtime.ts';
import type { KernelStep } from '../optimiser/parameterStore.ts';

/** Where an arm's parameters, gradients and moments are while it is trained: in main memory or on a device. */
export interface ArmState {
  /** Trained parameters, in order. */
  readonly names: readonly string[];
  /** What programs are fed for the parameters. */
  values(): (readonly [string, AnyTensor])[];
  /**
   * Runs a train program on a micro-batch of so many labels and returns its summed loss, nats. Its gradient takes the
   * place of the one before for the `first` of a step, and is added to it otherwise.
   */
  backward(
    program: Program,
    feeds: AnyFeeds,
    batch: { readonly first: boolean; readonly labels: number },
  ): Promise<number>;
  /** Euclidean norm of the whole gradient. Not finite when an element of it is not. */
  gradientNorm(): Promise<number>;
  /** Name of a parameter whose gradient has an element that is not finite. */
  firstNonFinite(): Promise<string | undefined>;
  /** One AdamW step by the gradient, as parameterStore.ts describes it. */
  adamw(step: KernelStep): Promise<void>;
}
