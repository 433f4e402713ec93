/**
 * The environment of the engine process.
 *
 * glibc raises, on its own, the size above which memory goes back to the system when it is freed, up to 32 MiB: the
 * weights of a finished program then stay with the process, close to a gigabyte of them for a model of 135 million
 * parameters, while the next one needs room of its own. Naming the size keeps it where it is.
 */
export function engineEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { MALLOC_MMAP_THRESHOLD_: String(2 ** 20), ...environment };
}
