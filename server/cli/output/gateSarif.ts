import type { Log, Result } from 'sarif';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { GateResult } from '../../report/verdict/gate.ts';
import { sarif } from './sarifLog.ts';

/**
 * The results of a gate as a SARIF 2.1.0 log. A failed requirement is an error. An undecided one is `open`, which
 * SARIF defines for rules that could not be evaluated. A passed requirement is a rule without a result, since
 * viewers show every result as a finding. `exitCode` is that of the command.
 */
export function gateSarif(run: string, results: readonly GateResult[], exitCode: number): Log {
  const subjects = [...new Set(results.map(({ subject }) => subject))];
  return sarif({
    rules: subjects.map((id) => ({ id, shortDescription: { text: ruleText(id) } })),
    invocations: [{ executionSuccessful: true, exitCode }],
    results: results.flatMap((own) => (own.outcome === 'passed' ? [] : [result(run, own, subjects)])),
  });
}

function ruleText(subject: string): string {
  return subject === 'safe' ? 'Some rank must be shown to be safe' : `The ${subject} of an arm must keep its bound`;
}

function result(run: string, { requirement, subject, outcome, why }: GateResult, subjects: readonly string[]): Result {
  return {
    ruleId: subject,
    ruleIndex: subjects.indexOf(subject),
    ...(outcome === 'failed' ? { kind: 'fail', level: 'error' } : { kind: 'open', level: 'none' }),
    message: { text: `${outcome}: ${requirement}. ${why}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: pathToFileURL(join(run, 'metrics.json')).href } } }],
    partialFingerprints: { 'requirement/v1': requirement },
  };
}
