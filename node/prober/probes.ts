import { asNexusError, NexusError, sleep, toHex } from '../../feeds/base/mod.ts';
import type { Channel } from '../../feeds/client/mod.ts';
import type { FingerprintRecord } from '../../feeds/records/mod.ts';
import { featuresOf, microPlan, verifyMicroGently } from '../../fingerprint/micro/mod.ts';
import {
  drawRows,
  openingsFor,
  RAW_LIMITS,
  type RawChallenge,
  type RawCommitment,
  type RawResult,
  rawResult,
  verifyOpeningGently,
  workOf,
} from '../../fingerprint/raw/mod.ts';
import { MachineSession, type RawAnswer } from './ask.ts';
import { UNDRAWN_LIMITS } from './limits.ts';
import { boundNonce } from './nonce.ts';
import { isNoRoom, sizedProduct } from './sized.ts';
import { micros, type Transcript } from './transcript.ts';

/** What raw product and micro-benchmarks gave. */
export interface Probed {
  raw: FingerprintRecord['raw'];
  features: readonly number[];
  rawTranscript: Transcript['raw'];
  microTranscript: Transcript['micro'];
  /** Why the second half is missing; null where it is not. */
  failure: NexusError | null;
  /** Time of the executor, milliseconds. */
  tookMs: number;
}

/** Asks an executor for both. */
export type MachineProbes = (
  executor: Uint8Array,
  rttMs: number,
  onStage: (stage: 'raw' | 'micro') => void,
  signal: AbortSignal,
) => Promise<Probed>;

export interface ProbesOptions {
  network: Uint8Array;
  self: Uint8Array;
  /** Opens a channel of the fingerprint protocol. */
  open: (executor: Uint8Array, signal: AbortSignal) => Promise<Channel>;
  randomBytes: (length: number) => Uint8Array;
  /** Monotonic milliseconds. */
  tick: () => number;
  /** An executor that is busy is asked again after this, so often. */
  againMs: number;
  tries: number;
  /** False: the executor gives less, as the beacon did not draw this node. */
  isDrawn?: boolean;
  /** How long the product that counts is to take, seconds. */
  aimS?: number;
  /** Share of the micro-benchmarks' full number of steps. */
  effort?: number;
}

/** Multiply-and-adds of a first product, which says how large the one that counts is to be. */
const FIRST_WORK = 2 ** 24;
/** How long the one that counts is to take, seconds. */
const AIM_S = 1;
/** One wrong row in twenty is found with this probability; rows that are opened, at most. */
const CAUGHT = { share: 0.05, probability: 0.8 }, MOST_OPENED = 32;
/** Of the micro-benchmarks: share of the full number of steps, largest working set in MiB, chains redone. */
const EFFORT = 0.25, WORKING_SET = 64, SPOTS = 4;

/**
 * Raw product, the second of two, sized to what the first one showed; then micro-benchmarks, also where no
 * product could be made.
 */
export function machineProbes(options: ProbesOptions): MachineProbes {
  return async (executor, rttMs, onStage, signal) => {
    onStage('raw');
    await using session = await begin(executor, options, signal);
    let raw: Awaited<ReturnType<typeof products>> | null = null;
    let micro: Transcript['micro'] = null, failure: NexusError | null = null;
    try {
      raw = await products(session, executor, rttMs, options);
    } catch (thrown) {
      signal.throwIfAborted();
      if (!isNoRoom(thrown)) throw thrown;
      failure = thrown;
    }
    onStage('micro');
    try {
      micro = await askMicro(session, executor, rttMs, options);
    } catch (thrown) {
      signal.throwIfAborted();
      failure ??= asNexusError(thrown);
    }
    return {
      raw: raw?.raw ?? { backend: 'none', rate: 0, memory: 0 },
      features: micro?.features ?? [],
      rawTranscript: raw?.transcript ?? null,
      microTranscript: micro,
      failure,
      tookMs: (raw?.tookMs ?? 0) + (micro?.elapsed ?? 0) / 1000,
    };
  };
}

async function products(
  session: MachineSession,
  executor: Uint8Array,
  rttMs: number,
  options: ProbesOptions,
): Promise<{ raw: Probed['raw']; transcript: Transcript['raw']; tookMs: number }> {
  const { aimS = AIM_S, isDrawn = true } = options;
  const limits = isDrawn ? RAW_LIMITS : UNDRAWN_LIMITS;
  const { first, whole } = await sizedProduct(async (shape, backend) => {
    const asked = await askRaw(session, executor, { shape, backend }, options);
    const result = await checkRaw(asked, rttMs, options);
    return { backend: result.backend, pace: paceOf(asked, rttMs), asked, result };
  }, { firstWork: FIRST_WORK, aimS, limits });
  const { backend, rate, memory } = whole.result;
  return {
    raw: { backend, rate: Math.round(rate), memory: Math.round(memory) },
    transcript: rawTranscript(whole.asked),
    tookMs: [first, whole].reduce((sum, { asked: { from, to } }) => sum + to - from, 0),
  };
}

/** A product with what it answers. */
export interface AskedRaw extends RawAnswer {
  challenge: RawChallenge;
  /** As it was sent. */
  nonce: Uint8Array;
}

/** One product on an open session. */
export async function askRaw(
  session: MachineSession,
  executor: Uint8Array,
  { shape, backend }: Pick<RawChallenge, 'shape' | 'backend'>,
  { network, self, randomBytes }: Pick<ProbesOptions, 'network' | 'self' | 'randomBytes'>,
): Promise<AskedRaw> {
  const nonce = randomBytes(32);
  const bound = boundNonce(nonce, { network, challenger: self, executor });
  const count = Math.min(MOST_OPENED, openingsFor({ rows: shape.rows, ...CAUGHT }));
  const rowsFor = ({ root }: RawCommitment) => drawRows(randomBytes(32), root, shape.rows, count);
  const answer = await session.raw({ shape, backend }, nonce, rowsFor);
  if (backend !== 'any' && answer.commitment.backend !== backend) {
    throw new NexusError('RAW_BACKEND', `it computed on a ${answer.commitment.backend}`, {
      peer: toHex(executor),
      stage: 'fingerprint',
    });
  }
  return { ...answer, challenge: { type: 'raw', nonce: bound, shape, backend }, nonce };
}

/** @throws {NexusError} `RAW_…`, `CLOCK_DOCTORED` */
export async function checkRaw(
  { challenge, commitment, rows, opening, from, to }: AskedRaw,
  rttMs: number,
  { randomBytes }: Pick<ProbesOptions, 'randomBytes'>,
): Promise<RawResult> {
  await verifyOpeningGently(challenge, commitment, rows, opening, randomBytes(32));
  // Of what is written down, so that whoever reads that comes to the same.
  const timing = { elapsedMs: micros(to, from) / 1000, rttMs: micros(rttMs) / 1000 };
  return rawResult(challenge, commitment, timing);
}

/**
 * What to size the next product by: multiply-and-adds a millisecond of a small one, of which most may have
 * been the way. One that is off makes the next one longer or shorter, and its rate no other.
 */
export function paceOf({ challenge: { shape }, from, to }: AskedRaw, rttMs: number): number {
  return workOf(shape) / Math.max(to - from - rttMs, (to - from) / 10);
}

/** Begins a session; again where the executor is busy. */
export async function begin(
  executor: Uint8Array,
  { open, tick, againMs, tries }: ProbesOptions,
  signal: AbortSignal,
): Promise<MachineSession> {
  for (let left = tries;; left--) {
    try {
      return await MachineSession.begin(await open(executor, signal), tick, signal);
    } catch (thrown) {
      const busy = thrown instanceof NexusError && thrown.code === 'BUSY';
      if (!busy || left <= 1) throw thrown;
      await sleep(againMs, signal);
      signal.throwIfAborted();
    }
  }
}

async function askMicro(
  session: MachineSession,
  executor: Uint8Array,
  rttMs: number,
  { network, self, randomBytes, effort = EFFORT }: ProbesOptions,
): Promise<NonNullable<Transcript['micro']>> {
  const nonce = randomBytes(32);
  const bound = boundNonce(nonce, { network, challenger: self, executor });
  const { answer, elapsedMs } = await session.micro(nonce, effort, WORKING_SET);
  const challenge = { type: 'micro' as const, nonce: bound, effort, memory: WORKING_SET };
  const drawn = { secret: randomBytes(32), spots: SPOTS };
  await verifyMicroGently(challenge, answer, { elapsedMs, rttMs }, drawn);
  const features = [...featuresOf(microPlan(challenge), answer)];
  return { nonce: toHex(nonce), elapsed: micros(elapsedMs), said: micros(answer.ms), features };
}

function rawTranscript(
  { challenge: { shape }, nonce, commitment, rows, from, to }: AskedRaw,
): Transcript['raw'] {
  const { root, backend, adapter, ms } = commitment;
  return {
    nonce: toHex(nonce),
    shape: { ...shape },
    root: toHex(root),
    backend,
    adapter,
    elapsed: micros(to, from),
    said: micros(ms),
    opened: [...rows],
  };
}
