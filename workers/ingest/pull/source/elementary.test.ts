import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nalsOf, parameterSets, readAdtsRate } from './elementary.ts';

const SPS = '6742c01eda0280bfe5c044000003000400000300f03c58ba80';
const PPS = '68ce0fc8';

test('units of a byte stream are found behind short and long start codes, without the zeros between them', () => {
  const data = Buffer.from(`00000001${SPS}00000001${PPS}000001658801000000000106ff`, 'hex');
  expect(nalsOf(data).map((nal) => nal.toString('hex'))).toEqual([SPS, PPS, '658801', '06ff']);
  expect(nalsOf(Buffer.from('6588', 'hex'))).toEqual([]);
});

test('parameter sets count only as a pair', () => {
  const both = parameterSets(Buffer.from(`0000000109f000000001${SPS}00000001${PPS}0000016588`, 'hex'));
  expect(both?.extradata.toString('hex')).toBe(`00000001${SPS}00000001${PPS}`);
  expect(both?.sps.toString('hex')).toBe(SPS);
  expect(parameterSets(Buffer.from(`00000001${SPS}0000016588`, 'hex'))).toBeNull();
  expect(parameterSets(Buffer.from('00000001419a', 'hex'))).toBeNull();
});

test('an ADTS header tells the rate', () => {
  expect(readAdtsRate(Buffer.from('fff14c80012ffc', 'hex'))).toBe(48_000);
  expect(readAdtsRate(Buffer.from('fff15040012ffc', 'hex'))).toBe(44_100);
  expect(readAdtsRate(Buffer.from('fff17c80012ffc', 'hex'))).toBeNull();
  expect(readAdtsRate(Buffer.from('2110', 'hex'))).toBeNull();
});

test('any bytes are read without an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const data = Buffer.from(bytes);
      nalsOf(data);
      parameterSets(data);
      readAdtsRate(data);
      return true;
    }),
  );
});
