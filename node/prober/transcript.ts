import { fromHex, NexusError, taggedHash, toHex } from '../../feeds/base/mod.ts';
import { type FingerprintRecord, LIMITS } from '../../feeds/records/mod.ts';
import {
  evaluateWork,
  type JobTiming,
  planWork,
  type StepTiming,
  type WorkBounds,
  type WorkFigures,
} from '../../fingerprint/work/mod.ts';
import { rawResult } from '../../fingerprint/raw/mod.ts';
import { canonicalBytes, canonicalJson } from '../network/mod.ts';

/** One job of a work probe. Bytes are hexadecimal, times microseconds from the first offer on. */
export interface TranscriptJob {
  step: number;
  nonce: string;
  /** Null where the job came to nothing. */
  job: string | null;
  artifact: string | null;
  promptTokens: number;
  tokens: number;
  sentAt: number;
  firstAt: number;
  lastAt: number;
  verified: boolean;
  tooLong: boolean;
}

/** What a challenger did and saw. All numbers are whole. */
export interface Transcript {
  version: 1;
  network: string;
  challenger: string;
  executor: string;
  profile: string;
  beacon: number;
  /** What the plan follows from: a seed, and what bounds it; claimed rates in thousandths. */
  plan: string;
  bounds: WorkBounds;
  /** Measured round trip, microseconds. */
  rtt: number;
  jobs: TranscriptJob[];
  raw: {
    nonce: string;
    shape: { rows: number; inner: number; cols: number };
    root: string;
    backend: 'gpu' | 'cpu';
    adapter: string;
    /** By the challenger's clock, and by the executor's; microseconds. */
    elapsed: number;
    said: number;
    opened: number[];
  } | null;
  micro: { nonce: string; elapsed: number; said: number; features: number[] } | null;
}

/** Hash that the `fingerprint` names, 32 bytes. */
export function transcriptHash(transcript: Transcript): Uint8Array {
  return taggedHash('nexus/fingerprint-transcript/1', canonicalBytes(transcript));
}

/** Bounds as a transcript has them: whole numbers. */
export function wholeBounds({ claim, ...rest }: WorkBounds): WorkBounds {
  if (claim === null) return { ...rest, claim };
  const { prefill, decode, streams, context } = claim;
  const milli = (rate: number) => Math.round(1000 * rate);
  return { ...rest, claim: { prefill: milli(prefill), decode: milli(decode), streams, context } };
}

/**
 * What the jobs of a transcript say: the figures of an entry are these and no others.
 * @throws {NexusError} `TRANSCRIPT_FORGED` where its jobs are not those of its plan
 */
export function figuresOf({ plan, bounds, jobs, rtt }: Transcript): WorkFigures {
  const { claim } = bounds;
  const said = claim && { ...claim, prefill: claim.prefill / 1000, decode: claim.decode / 1000 };
  const work = planWork(bytesOf(plan), { ...bounds, claim: said });
  const planned = work.steps.flatMap(({ jobs }, step) =>
    jobs.map(({ nonce }) => ({ step, nonce }))
  );
  const isPlanned = planned.length === jobs.length &&
    planned.every(({ step, nonce }, i) =>
      jobs[i]!.step === step && jobs[i]!.nonce === toHex(nonce)
    );
  if (!isPlanned) throw forged('its jobs are not those of its plan');
  const timings: StepTiming[] = work.steps.map((_, step) =>
    jobs.filter((job) => job.step === step).map(timingOf)
  );
  return evaluateWork(work, timings, rtt / 1000);
}

/**
 * What a transcript's product and micro-benchmarks say, as an entry has it.
 * @throws {NexusError} `CLOCK_DOCTORED`
 */
function machineOf({ raw, micro, rtt }: Transcript): Pick<FingerprintRecord, 'raw' | 'features'> {
  const features = micro?.features ?? [];
  if (raw === null) return { raw: { backend: 'none', rate: 0, memory: 0 }, features };
  const { backend, shape, elapsed, said } = raw;
  const timing = { elapsedMs: elapsed / 1000, rttMs: rtt / 1000 };
  const { rate, memory } = rawResult({ shape }, { backend, ms: said / 1000 }, timing);
  return { raw: { backend, rate: Math.round(rate), memory: Math.round(memory) }, features };
}

/** Jobs that an entry names: those that were verified, as far as there is room. 32 bytes each. */
export function namedJobs({ jobs }: Pick<Transcript, 'jobs'>): Uint8Array[] {
  const named = jobs.flatMap(({ job, verified }) => job !== null && verified ? [job] : []);
  return [...new Set(named)].slice(0, LIMITS.probeJobs).map((job) => fromHex(job, 32));
}

function timingOf(job: TranscriptJob): JobTiming | null {
  if (job.job === null && !job.tooLong) return null;
  const { promptTokens, tokens, verified } = job;
  return {
    verified,
    promptTokens,
    tokens,
    sentAt: job.sentAt / 1000,
    firstAt: job.firstAt / 1000,
    lastAt: job.lastAt / 1000,
    ...(job.tooLong ? { tooLong: true } : {}),
  };
}

/**
 * Whether a transcript is the one that an entry stands on, and its figures follow from it.
 * @throws {NexusError} `TRANSCRIPT_FORGED` naming what differs
 */
export function checkTranscript(
  transcript: Transcript,
  record: FingerprintRecord,
  challenger: Uint8Array,
): void {
  const same = (said: string, is: Uint8Array, what: string) => {
    if (said !== toHex(is)) throw forged(what);
  };
  same(transcript.network, record.network, 'network');
  same(transcript.challenger, challenger, 'challenger');
  same(transcript.executor, record.executor, 'executor');
  same(transcript.profile, record.profile, 'profile');
  if (transcript.beacon !== record.beacon) throw forged('beacon');
  same(toHex(transcriptHash(transcript)), record.transcript, 'content');
  const { runs, prefill, decode, streams, context, contextFailed } = figuresOf(transcript);
  const follows = canonicalJson({ runs, prefill, decode, streams, context, contextFailed });
  const logged = canonicalJson({
    runs: record.runs,
    prefill: record.prefill,
    decode: record.decode,
    streams: record.streams,
    context: record.context,
    contextFailed: record.contextFailed,
  });
  if (follows !== logged) throw forged('figures');
  const { raw, features } = record;
  if (canonicalJson({ raw, features }) !== canonicalJson(machineOf(transcript))) {
    throw forged('product and micro-benchmarks');
  }
  const named = namedJobs(transcript).map(toHex).join();
  if (named !== record.jobs.map(toHex).join()) throw forged('jobs');
}

function forged(what: string): NexusError {
  return new NexusError(
    'TRANSCRIPT_FORGED',
    `the transcript is not the one of this entry: ${what}`,
    {
      stage: 'fingerprint',
    },
  );
}

/** Hexadecimal as bytes. */
export function bytesOf(hex: string): Uint8Array {
  return fromHex(hex, hex.length / 2);
}

/** Microseconds of a time in milliseconds, since `from`. */
export function micros(ms: number, from = 0): number {
  return Math.max(0, Math.round(1000 * (ms - from)));
}
