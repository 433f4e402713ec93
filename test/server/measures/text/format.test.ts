import assert from 'node:assert/strict';
import {
  bytes,
  chosenShare,
  decimal,
  duration,
  fixed,
  percent,
  percentNumber,
  signedPoints,
} from '../../../../server/measures/text/format.ts';

describe('how numbers are written', () => {
  it('shares in percent with one decimal, and no sign before a rounded zero', () => {
    assert.deepEqual([percent(0.1234), percentNumber(0.1234), percent(-0.0001)], ['12.3 %', '12.3', '0.0 %']);
    assert.deepEqual([fixed(-0.04), fixed(-0.06), fixed(-10)], ['0.0', '-0.1', '-10.0']);
  });

  it('shares that somebody chose with all of their digits', () => {
    assert.deepEqual([0.25, 0.125, 1, 0.1 + 0.2].map(chosenShare), ['25 %', '12.5 %', '100 %', '30 %']);
  });

  it('differences of shares with their sign', () => {
    assert.deepEqual([0.004, -0.004, 0, 0.0004].map(signedPoints), ['+0.4', '-0.4', '0.0', '0.0']);
  });

  it('decimals to three digits, with an exponent from a million up and below a ten-thousandth', () => {
    assert.deepEqual([0, 1e6, 999_999, 1e-4, 9.99e-5, -1e6, 100, 99.96, 1.2345, -0.5].map(decimal), [
      '0',
      '1.00e+6',
      '999999.0',
      '0.0001',
      '9.99e-5',
      '-1.00e+6',
      '100.0',
      '100',
      '1.23',
      '-0.5',
    ]);
  });

  it('bytes in powers of a thousand, to three digits', () => {
    assert.deepEqual([0, 1, 999, 1000, 1500, 99_900, 100_000, 1e6, 2.5e9, 3e12, 4e15].map(bytes), [
      '0 B',
      '1 B',
      '999 B',
      '1.00 kB',
      '1.50 kB',
      '99.9 kB',
      '100 kB',
      '1.00 MB',
      '2.50 GB',
      '3.00 TB',
      '4000 TB',
    ]);
  });

  it('durations in the two largest units that say enough', () => {
    assert.deepEqual(
      [0, 59.4, 59.6, 60, 125, 599, 600, 629, 631, 3599, 3600, 7500, 86_399].map((seconds) => duration(seconds)),
      [
        ...['0 s', '59 s', '1 min 0 s', '1 min 0 s', '2 min 5 s', '9 min 59 s', '10 min', '10 min', '11 min'],
        ...['60 min', '1 h 0 min', '2 h 5 min', '23 h 59 min'],
      ],
    );
  });
});
