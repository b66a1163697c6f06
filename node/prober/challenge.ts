import { asNexusError, NexusError, taggedHash, toHex } from '../../feeds/base/mod.ts';
import type { FingerprintRecord } from '../../feeds/records/mod.ts';
import { planWork, type WorkBounds, type WorkFigures } from '../../fingerprint/work/mod.ts';
import { classOf, type ProbeAnswer, type ProbeJobOptions } from './job.ts';
import type { MachineProbes, Probed } from './probes.ts';
import {
  figuresOf,
  micros,
  namedJobs,
  type Transcript,
  transcriptHash,
  type TranscriptJob,
  wholeBounds,
} from './transcript.ts';
import { doWork, type Looked, type Worked } from './work.ts';

/** Whom to measure, and why. */
export interface Order {
  executor: Uint8Array;
  profile: Uint8Array;
  /** Epoch of the beacon that drew this node, and what it drew; null: somebody here asked for it. */
  drawn: { beacon: number; draw: Uint8Array } | null;
}

/**
 * Product and micro-benchmarks together, at most, milliseconds: where they do not come to their end, what
 * the jobs gave is not given up for them.
 */
const PROBES_MS = 60_000;

/** How a challenge goes on. */
export type ChallengeStep =
  | { stage: 'work'; done: number; of: number }
  | { stage: 'check' }
  | { stage: 'raw' | 'micro' };

export interface ChallengeOptions extends Omit<ProbeJobOptions, 'executor' | 'sender'> {
  order: Order;
  network: Uint8Array;
  self: Uint8Array;
  job: Pick<ProbeJobOptions, 'executor' | 'sender'>;
  bounds: Omit<WorkBounds, 'contextSize'>;
  others: (own: number) => number;
  check: (answer: ProbeAnswer, signal: AbortSignal) => Promise<Looked>;
  /** Raw product and micro-benchmarks; null where they are left out. */
  probes: MachineProbes | null;
  /** Measured round trip, milliseconds; null before the first measurement. */
  rtt: () => number | null;
  random: () => number;
  randomBytes: (length: number) => Uint8Array;
  gapMs: number;
  againMs: number;
  /** Milliseconds since 1970. */
  now: () => number;
  onStep: (step: ChallengeStep) => void;
}

/** What a challenge gave. */
export interface Challenged {
  record: FingerprintRecord;
  transcript: Transcript;
  work: WorkFigures;
  probed: Probed | null;
  /** Why some or all of it came to nothing; null where nothing failed. */
  failure: NexusError | null;
  /** Answers that another reading contradicts. */
  wrong: number;
  /** Time of the executor that it took, milliseconds: what its jobs took one after the other. */
  tookMs: number;
}

/**
 * Measures one executor: a work probe of ordinary jobs, each answer of which is checked, then the raw
 * product and micro-benchmarks.
 * @throws the reason of `signal`; what does not work at the executor's end is part of the result
 */
export async function challenge(
  options: ChallengeOptions,
  signal: AbortSignal,
): Promise<Challenged> {
  const { order, bounds, contextSize, randomBytes, onStep } = options;
  const secret = randomBytes(32);
  // Of the beacon, so that the challenger does not choose; of itself, so that nobody can prepare.
  const seed = taggedHash('nexus/challenge/1', order.drawn?.draw ?? new Uint8Array(32), secret);
  const plan = planWork(seed, { ...bounds, contextSize });
  const worked = await doWork(plan, {
    ...options,
    ...options.job,
    onStep: (done, of) => onStep(done < of ? { stage: 'work', done, of } : { stage: 'check' }),
  }, signal);
  const rtt = options.rtt() ?? 0;
  const base: Transcript = {
    version: 1,
    network: toHex(options.network),
    challenger: toHex(options.self),
    executor: toHex(order.executor),
    profile: toHex(order.profile),
    beacon: order.drawn?.beacon ?? 0,
    plan: toHex(seed),
    bounds: wholeBounds({ ...bounds, contextSize }),
    rtt: micros(rtt),
    jobs: transcriptJobs(plan.steps, worked),
    raw: null,
    micro: null,
  };
  // Of what is written down, so that whoever reads that comes to the same.
  const work = figuresOf(base);
  let failure = worked.failure, probed: Probed | null = null;
  if (options.probes !== null && work.runs > 0) {
    try {
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(PROBES_MS)]);
      probed = await options.probes(order.executor, rtt, (stage) => onStep({ stage }), bounded);
      failure ??= probed.failure;
    } catch (thrown) {
      signal.throwIfAborted();
      failure = asNexusError(thrown);
    }
  }
  const transcript: Transcript = {
    ...base,
    raw: probed?.rawTranscript ?? null,
    micro: probed?.microTranscript ?? null,
  };
  const named = worked.answers.map(classOf).find((one) => one !== null);
  const { runs, prefill, decode, streams, context, contextFailed } = work;
  const record: FingerprintRecord = {
    type: 'fingerprint',
    network: options.network,
    executor: order.executor,
    profile: order.profile,
    class: named ?? options.job.executor.class,
    beacon: transcript.beacon,
    runs,
    prefill,
    decode,
    streams,
    context,
    contextFailed,
    raw: probed?.raw ?? { backend: 'none', rate: 0, memory: 0 },
    jobs: namedJobs(transcript),
    features: [...probed?.features ?? []],
    transcript: transcriptHash(transcript),
    at: options.now(),
  };
  const tookMs = worked.answers.reduce(
    (sum, { timing: { sentAt, lastAt } }) => sum + lastAt - sentAt,
    probed?.tookMs ?? 0,
  );
  return { record, transcript, work, probed, failure, wrong: worked.wrong, tookMs };
}

function transcriptJobs(
  steps: readonly { jobs: readonly { nonce: Uint8Array }[] }[],
  { timings, answers }: Worked,
): TranscriptJob[] {
  const from = answers.length === 0 ? 0 : Math.min(...answers.map(({ timing }) => timing.sentAt));
  return steps.flatMap(({ jobs }, step) =>
    jobs.map(({ nonce }, i): TranscriptJob => {
      const timing = timings[step]?.[i] ?? null;
      const answer = timing && answers.find((one) => one.timing === timing);
      return {
        step,
        nonce: toHex(nonce),
        job: answer?.job ?? null,
        artifact: answer?.artifact ?? null,
        promptTokens: timing?.promptTokens ?? 0,
        tokens: timing?.tokens ?? 0,
        sentAt: micros(timing?.sentAt ?? from, from),
        firstAt: micros(timing?.firstAt ?? from, from),
        lastAt: micros(timing?.lastAt ?? from, from),
        verified: timing?.verified ?? false,
        tooLong: timing?.tooLong ?? false,
      };
    })
  );
}
