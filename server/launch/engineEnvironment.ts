/**
 * The environment of the engine process.
 *
 * glibc returns a freed block to the system only above a size that it raises by itself, up to 32 MiB. The weights
 * of a finished program then stay with the process (close to a gigabyte for a model of 135 million parameters),
 * while the next program needs its own memory. Setting the size explicitly stops glibc from raising it.
 */
export function engineEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { MALLOC_MMAP_THRESHOLD_: String(2 ** 20), ...environment };
}
