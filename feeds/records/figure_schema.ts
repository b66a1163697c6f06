import { fixed, uint } from './codec.ts';
import { integer, list, struct, type StructCodec, word } from './combine.ts';
import type {
  FigureRecord,
  FiguresRecord,
  FingerprintRecord,
  RawBackend,
  Spread,
  StreamSpread,
} from './figure_types.ts';
import { LIMITS } from './limits.ts';

const hash = fixed(32);
const rate = uint(LIMITS.rate);
const context = uint(LIMITS.tokens);
const at = uint();

type Body<T extends FigureRecord> = Omit<T, 'type'>;

const figures = struct<Body<FiguresRecord>>({
  network: hash,
  profile: hash,
  class: hash,
  prefill: rate,
  decode: rate,
  streams: uint(LIMITS.streams, 1),
  streamRate: rate,
  context,
  at,
});

const spread = { median: rate, mad: rate, low: rate, high: rate };
const inOrder = ({ low, median, high }: Spread): string | null =>
  low <= median && median <= high ? null : 'the median is outside its interval';

const fingerprint = struct<Body<FingerprintRecord>>(
  {
    network: hash,
    executor: hash,
    profile: hash,
    class: hash,
    beacon: uint(LIMITS.epochs),
    runs: uint(LIMITS.runs),
    prefill: struct<Spread>(spread, inOrder),
    decode: struct<Spread>(spread, inOrder),
    streams: list(
      struct<StreamSpread>({ streams: uint(LIMITS.streams, 1), ...spread }, inOrder),
      LIMITS.levels,
    ),
    context,
    contextFailed: context,
    raw: struct<FingerprintRecord['raw']>({
      backend: word<RawBackend>('gpu', 'cpu', 'none'),
      rate,
      memory: uint(LIMITS.memory),
    }),
    jobs: list(hash, LIMITS.probeJobs),
    features: list(integer(LIMITS.feature), LIMITS.features),
    transcript: hash,
    at,
  },
  ({ streams }) =>
    streams.every(({ streams: n }, i) => i === 0 || n > streams[i - 1]!.streams)
      ? null
      : 'streams: the levels do not grow',
);

/** Codecs of the entries about machines, in the order of their kinds' bytes. */
export const FIGURE_KINDS = [
  ['figures', figures],
  ['fingerprint', fingerprint],
] as unknown as readonly (readonly [FigureRecord['type'], StructCodec<Body<FigureRecord>>])[];
