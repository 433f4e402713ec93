import type { ErrorCode } from '../../protocol/errors.ts';

/** The exit status of each kind of failure; docs/cli.md lists them. 0 is success. */
export const exitStatus: Readonly<Record<ErrorCode, number>> = {
  usage: 2,
  config: 3,
  data: 4,
  model: 5,
  tokenizer: 6,
  judge: 7,
  diverged: 8,
  device: 9,
  memory: 10,
  disk: 11,
  network: 12,
  run: 13,
  engine: 14,
  internal: 70,
  cancelled: 130,
};

/** The command succeeded, but an arm of the sweep has no result. */
export const someArmsFailed = 1;

/** The exit statuses of `gate`. Undecided is neither of the others, so that a build can treat it as it likes. */
export const gateStatus = { passed: 0, failed: 1, undecided: 20 } as const;
