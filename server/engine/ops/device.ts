/** Where programs run, by the name that people give it. */
export type DeviceName = 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml';

/** What the engine has to know of a device to write programs for it and to feed them. */
export interface Device {
  readonly name: DeviceName;
  /** As people write it. */
  readonly title: string;
  /** ONNX Runtime's name of the execution provider, by which its profile tells who ran a node. */
  readonly provider: string;
  /**
   * Whether tensors stay in the device's memory between runs. onnxruntime-node hands out device memory of WebGPU alone;
   * for the others parameters and moments are kept in main memory and fed, as on the CPU.
   */
  readonly keepsState: boolean;
  /** Operating systems whose onnxruntime-node has it, as `process.platform` names them. */
  readonly platforms: readonly string[];
  /** What its matrix products are computed in. */
  readonly precision: string;
}

const everywhere = ['linux', 'win32', 'darwin'];

export const devices: Readonly<Record<DeviceName, Device>> = {
  cpu: {
    name: 'cpu',
    title: 'CPU',
    provider: 'CPUExecutionProvider',
    keepsState: false,
    platforms: everywhere,
    precision: 'float32',
  },
  webgpu: {
    name: 'webgpu',
    title: 'WebGPU',
    provider: 'WebGpuExecutionProvider',
    keepsState: true,
    platforms: everywhere,
    precision: 'float32',
  },
  cuda: {
    name: 'cuda',
    title: 'CUDA',
    provider: 'CUDAExecutionProvider',
    keepsState: false,
    platforms: ['linux'],
    precision: 'float32',
  },
  dml: {
    name: 'dml',
    title: 'DirectML',
    provider: 'DmlExecutionProvider',
    keepsState: false,
    platforms: ['win32'],
    precision: 'float32',
  },
  coreml: {
    name: 'coreml',
    title: 'Core ML',
    provider: 'CoreMLExecutionProvider',
    keepsState: false,
    platforms: ['darwin'],
    precision: 'float32',
  },
};

export const deviceNames = Object.keys(devices) as readonly DeviceName[];
