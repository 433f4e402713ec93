import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { commands } from '../../../server/cli/commands.ts';
import { exitStatus, someArmsFailed } from '../../../server/cli/output/exitStatus.ts';
import { RankscopeError, type ErrorCode } from '../../../server/protocol/errors.ts';
import { rankscope } from './fakeEngine.ts';

const manual = readFileSync('docs/cli.md', 'utf8');

describe('rankscope', () => {
  it('shows every command when asked for help, on standard output', async () => {
    const { status, stdout, stderr } = await rankscope(['--help']);
    assert.equal(status, 0);
    assert.equal(stderr, '');
    for (const { name, summary } of commands) assert.ok(stdout.includes(name) && stdout.includes(summary), name);
  });

  it('shows the same on standard error, as a fault, when no command is given', async () => {
    const { status, stdout, stderr } = await rankscope([]);
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, /Usage: rankscope COMMAND/);
  });

  it('prints its version', async () => {
    assert.equal((await rankscope(['--version'])).stdout, '1.2.3\n');
  });

  for (const { name, options } of commands) {
    it(`${name} --help tells every option and gives an example`, async () => {
      const { status, stdout } = await rankscope([name, '--help']);
      assert.equal(status, 0);
      for (const option of Object.keys(options)) assert.ok(stdout.includes(`--${option}`), option);
      assert.match(stdout, /Examples?:\n {2}rankscope /);
      assert.equal((await rankscope(['help', name])).stdout, stdout);
    });
  }

  const faults: readonly (readonly [string[], RegExp])[] = [
    [['swep'], /there is no command "swep"\. The commands are sweep, /],
    [['sweep'], /an argument is missing\./],
    [['sweep', 'a.json', 'b.json'], /there is no place for "b\.json"\./],
    [['sweep', 'a.json', '--fast'], /--fast/],
    [['sweep', 'a.json', '--out', ''], /--out is empty\./],
    [['export', 'run', '--out', 'x'], /--arm is missing\./],
    [['generate', '--model', 'm', '--prompts', 'p'], /--max-new-tokens is missing\./],
    [['generate', '--model', 'm', '--prompts', 'p', '--max-new-tokens', '1.5'], /--max-new-tokens is "1\.5".*whole/],
    [['generate', '--model', 'm', '--prompts', 'p', '--max-new-tokens', '4', '--temperature', 'hot'], /"hot"/],
    [['generate', '--model', 'm', '--prompts', 'p', '--max-new-tokens', '4', '--top-p', '2'], /0 to 1/],
    [['generate', '--model', 'm', '--prompts', 'p', '--max-new-tokens', '4', '--no-base'], /nothing to ask/],
    [
      ['generate', '--model', 'm', '--prompts', 'p', '--max-new-tokens', '4', '--adapter', 'a/r8', '--adapter', 'b/r8'],
      /two arms are called "r8"/,
    ],
    [['logits', '--model', 'm', '--texts', 't', '--device', 'abacus'], /must be one of auto, cpu/],
  ];
  for (const [args, says] of faults) {
    it(`refuses "${args.join(' ')}" without starting the engine`, async () => {
      const { status, stdout, stderr } = await rankscope(args);
      assert.deepEqual([status, stdout], [exitStatus.usage, '']);
      assert.match(stderr, says);
      assert.equal(stderr.split('\n').length, 2, 'one paragraph');
    });
  }

  for (const code of Object.keys(exitStatus) as ErrorCode[]) {
    it(`ends with the status of "${code}" and one paragraph, and leaves no engine behind`, async () => {
      const error = new RankscopeError({ code, what: 'a\nfault \u001b[2J', where: 'model.bin', remedy: 'Do this' });
      const outcome = await rankscope(['devices'], { handlers: { devices: () => Promise.reject(error) } });
      assert.equal(outcome.status, exitStatus[code]);
      assert.equal(outcome.stderr, 'rankscope: model.bin: a ⏎ fault \\u{1b}[2J. Do this.\n');
      assert.equal(outcome.left, 0);
    });
  }

  it('documents the status of each code, and no two codes share one', () => {
    const statuses = [0, someArmsFailed, ...Object.values(exitStatus)];
    assert.equal(new Set(statuses).size, statuses.length);
    for (const [code, status] of Object.entries(exitStatus)) {
      assert.match(manual, new RegExp(`^\\| ${status} +\\| ${code} +\\|`, 'm'));
    }
  });

  it('shows a stack only where asked to', async () => {
    const handlers = { devices: () => Promise.reject(new RangeError('boom')) };
    assert.doesNotMatch((await rankscope(['devices'], { handlers })).stderr, /\n\s+at /);
    assert.match((await rankscope(['devices'], { handlers, debug: true })).stderr, /\n\s+at /);
  });
});
