import {
  decodeRecord,
  encodeRecord,
  type FingerprintRecord,
  type LogRecord,
  type Spread,
} from '../../feeds/records/mod.ts';
import type { Lie } from './lies.ts';

/** An entry about machines with the figures that its writer would like; others as they are. */
export function falseFigures(block: Uint8Array, lie: Lie | null): Uint8Array {
  const { claim = 1, measured = 1 } = lie ?? {};
  const record = decodeRecord(block);
  if (record.type === 'figures' && claim !== 1) {
    const { prefill, decode, streamRate } = record;
    const more = (rate: number) => Math.round(rate * claim);
    return encodeRecord({
      ...record,
      prefill: more(prefill),
      decode: more(decode),
      streamRate: more(streamRate),
    });
  }
  return record.type === 'fingerprint' && measured !== 1
    ? encodeRecord(times(record, measured) as LogRecord)
    : block;
}

function times(record: FingerprintRecord, factor: number): FingerprintRecord {
  const spread = <T extends Spread>(of: T): T => {
    const [median, mad, low, high] = [of.median, of.mad, of.low, of.high]
      .map((rate) => Math.round(rate * factor)) as [number, number, number, number];
    return { ...of, median, mad, low, high };
  };
  const { prefill, decode, streams } = record;
  return {
    ...record,
    prefill: spread(prefill),
    decode: spread(decode),
    streams: streams.map(spread),
  };
}
