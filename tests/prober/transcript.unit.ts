import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import type { FingerprintRecord } from '../../feeds/records/mod.ts';
import { planWork } from '../../fingerprint/work/mod.ts';
import {
  checkTranscript,
  figuresOf,
  namedJobs,
  type Transcript,
  transcriptHash,
  wholeBounds,
} from '../../node/prober/mod.ts';

const key = (id: number) => new Uint8Array(32).fill(id);
const BOUNDS = {
  contextSize: 1024,
  maxPromptTokens: 4096,
  maxTokens: 512,
  claim: { prefill: 800, decode: 60, streams: 1, context: 1024 },
  runs: 9,
};

/** A challenge of a machine that reads 800 tokens/s and writes 60. */
function transcript(): Transcript {
  const { steps } = planWork(key(5), BOUNDS);
  let at = 0;
  const jobs = steps.flatMap(({ jobs }, step) =>
    jobs.map(({ nonce, promptTokens, maxTokens }, i) => {
      const sentAt = at;
      // No two runs are alike.
      const firstAt = sentAt + 20_000 + Math.round(promptTokens * 1250 * (1 + step % 7 / 100));
      const lastAt = firstAt + Math.round((maxTokens - 1) * 16_667 * (1 + (step + i) % 5 / 100));
      at = lastAt + 1000;
      return {
        step,
        nonce: toHex(nonce),
        job: toHex(key(step % 250)),
        artifact: toHex(key(i)),
        promptTokens,
        tokens: maxTokens,
        sentAt,
        firstAt,
        lastAt,
        verified: true,
        tooLong: false,
      };
    })
  );
  return {
    version: 1,
    network: toHex(key(9)),
    challenger: toHex(key(1)),
    executor: toHex(key(2)),
    profile: toHex(key(3)),
    beacon: 7,
    plan: toHex(key(5)),
    bounds: wholeBounds(BOUNDS),
    rtt: 300,
    jobs,
    raw: {
      nonce: toHex(key(6)),
      shape: { rows: 512, inner: 2048, cols: 512 },
      root: toHex(key(7)),
      backend: 'cpu',
      adapter: 'x',
      elapsed: 900_300,
      said: 899_000,
      opened: [1, 2],
    },
    micro: { nonce: toHex(key(8)), elapsed: 500_000, said: 499_000, features: [1024, -7, 0] },
  };
}

function recordOf(of: Transcript): FingerprintRecord {
  const { runs, prefill, decode, streams, context, contextFailed } = figuresOf(of);
  return {
    type: 'fingerprint',
    network: key(9),
    executor: key(2),
    profile: key(3),
    class: key(4),
    beacon: 7,
    runs,
    prefill,
    decode,
    streams,
    context,
    contextFailed,
    // 2^29 multiply-and-adds in 900 ms.
    raw: of.raw === null
      ? { backend: 'none', rate: 0, memory: 0 }
      : { backend: 'cpu', rate: 597, memory: 9 },
    jobs: namedJobs(of),
    features: [...of.micro?.features ?? []],
    transcript: transcriptHash(of),
    at: 0,
  };
}

t.test('the figures of an entry follow from its transcript', (t) => {
  const of = transcript(), record = recordOf(of);
  t.ok(record.runs >= 9);
  t.ok(Math.abs(record.decode.median / 60_000 - 1) < 0.1);
  t.ok(Math.abs(record.prefill.median / 800_000 - 1) < 0.15);
  t.doesNotThrow(() => checkTranscript(of, record, key(1)));
  t.doesNotThrow(() => checkTranscript(JSON.parse(JSON.stringify(of)), record, key(1)));
  t.end();
});

t.test('a forged transcript is none', (t) => {
  const of = transcript(), record = recordOf(of);
  const forged = { code: 'TRANSCRIPT_FORGED' };
  t.throws(() => checkTranscript(of, record, key(6)), forged, 'another challenger');
  t.throws(() => checkTranscript(of, { ...record, executor: key(6) }, key(1)), forged);
  t.throws(() => checkTranscript({ ...of, rtt: 301 }, record, key(1)), forged, 'another time');

  const faster = { ...record, decode: { ...record.decode, high: 2 * record.decode.high } };
  t.throws(() => checkTranscript(of, faster, key(1)), forged, 'figures that do not follow');

  const raw = { ...record.raw, rate: 2 * record.raw.rate };
  t.throws(() => checkTranscript(of, { ...record, raw }, key(1)), forged, 'a faster product');
  const features = [0, -7, 0];
  t.throws(() => checkTranscript(of, { ...record, features }, key(1)), forged, 'another machine');
  const without = { ...of, raw: null, micro: null };
  t.doesNotThrow(() => checkTranscript(without, recordOf(without), key(1)));
  const hash = transcriptHash(without);
  t.throws(() => checkTranscript(without, { ...record, transcript: hash }, key(1)), forged);

  // With a hash that fits: the jobs are still not those of the plan.
  const swapped = {
    ...of,
    jobs: of.jobs.map((job, i) => i === 3 ? { ...job, nonce: toHex(key(8)) } : job),
  };
  t.throws(
    () => checkTranscript(swapped, { ...record, transcript: transcriptHash(swapped) }, key(1)),
    forged,
  );
  const unverified = { ...of, jobs: of.jobs.map((job) => ({ ...job, verified: false })) };
  t.equal(figuresOf(unverified).runs, 0, 'what was not verified counts for nothing');
  t.end();
});
