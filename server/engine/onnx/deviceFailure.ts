import { RankscopeError } from '../../protocol/errors.ts';
import { devices, type DeviceName } from '../ops/device.ts';

/** What to do where a device cannot be had, by what the runtime says of it. */
const causes: readonly { readonly says: RegExp; readonly what: string; readonly remedy: string }[] = [
  {
    says: /Failed to load (shared )?library|cannot open shared object|LoadLibrary|dlopen/i,
    what: 'its provider library, or a library that this needs, cannot be loaded',
    remedy:
      'Run "rankscope devices" to see what is missing; "rankscope devices install cuda" brings the CUDA provider.',
  },
  {
    says: /No supported adapters|Failed to get a WebGPU adapter|RequestAdapter/i,
    what: 'there is no graphics adapter, or no Vulkan, Direct3D 12 or Metal driver for it',
    remedy: 'Install the driver of the graphics card (on Linux with libvulkan1), or use "--device cpu".',
  },
  {
    says: /backend not found|Unknown provider|not available/i,
    what: "it is not in this system's onnxruntime-node",
    remedy: 'Use another device: "rankscope devices" lists them.',
  },
  {
    says: /device.{0,20}(was |is )?lost|lost.{0,20}device|DEVICE_LOST|DXGI_ERROR_DEVICE|CUDA failure|CUDA error/i,
    what: 'the device was lost while it worked',
    remedy: 'Resume the run: "rankscope resume RUN" goes on from its last checkpoint.',
  },
];

/** The reason in words, and the remedy, where what the runtime says is of the device; undefined otherwise. */
function deviceCause(message: string): { readonly what: string; readonly remedy: string } | undefined {
  return causes.find(({ says }) => says.test(message));
}

/** A failure of the runtime as an error: of the device, of memory, or of the program. */
export function runtimeFailure(doing: string, device: DeviceName, cause: unknown): RankscopeError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const ofDevice = device === 'cpu' ? undefined : deviceCause(message);
  if (ofDevice) {
    const what = `${devices[device].title} cannot be used: ${ofDevice.what}. ONNX Runtime says: ${essence(message)}.`;
    return new RankscopeError({ code: 'device', what, remedy: ofDevice.remedy }, { cause });
  }
  const memory = /alloc|memory/i.test(message);
  return new RankscopeError(
    {
      code: memory ? 'memory' : 'engine',
      what: `${doing}: ${message}`,
      remedy: memory
        ? 'Use a smaller batch, shorter texts, fewer arms or a smaller model.'
        : 'If the model is a supported one, please report this.',
    },
    { cause },
  );
}

/** The first line without the place in the runtime's sources that it begins with. */
const essence = (message: string): string =>
  (message.trim().split('\n', 1)[0] ?? '')
    .replace(/^.*was false\. /, '')
    .slice(0, 300)
    .replace(/\.$/, '');
