import { asNexusError, NexusError, sleep, toHex } from '../../feeds/base/mod.ts';
import type { Channel } from '../../feeds/client/mod.ts';
import type { FingerprintRecord } from '../../feeds/records/mod.ts';
import { featuresOf, microPlan, verifyMicroGently } from '../../fingerprint/micro/mod.ts';
import {
  cubeFor,
  drawRows,
  openingsFor,
  RAW_LIMITS,
  type RawChallenge,
  type RawCommitment,
  type RawResult,
  rawResult,
  type Shape,
  shapeFor,
  verifyOpeningGently,
  workOf,
} from '../../fingerprint/raw/mod.ts';
import { MachineSession, type RawAnswer } from './ask.ts';
import { UNDRAWN_LIMITS } from './limits.ts';
import { boundNonce } from './nonce.ts';
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
/** How long the one that counts is to take, seconds; and the memory that it is to fill, MiB. */
const AIM_S = 1;
const MEMORY = { cpu: 192, gpu: 2048 };
/** One wrong row in twenty is found with this probability; rows that are opened, at most. */
const CAUGHT = { share: 0.05, probability: 0.8 }, MOST_OPENED = 32;
/** Of the micro-benchmarks: share of the full number of steps, largest working set in MiB, chains redone. */
const EFFORT = 0.25, WORKING_SET = 64, SPOTS = 4;

/** Raw product, the second of two, sized to what the first one showed; then micro-benchmarks. */
export function machineProbes(options: ProbesOptions): MachineProbes {
  return async (executor, rttMs, onStage, signal) => {
    onStage('raw');
    await using session = await begin(executor, options, signal);
    const ask = (shape: Shape, backend: RawChallenge['backend']) =>
      askRaw(session, executor, { shape, backend }, options);
    const first = await ask(cubeFor(FIRST_WORK), 'any');
    const { backend } = await checkRaw(first, rttMs, options);
    const { aimS = AIM_S, isDrawn = true } = options;
    const limits = (isDrawn ? RAW_LIMITS : UNDRAWN_LIMITS)[backend];
    const work = Math.min(limits.work, Math.max(FIRST_WORK, 1000 * aimS * paceOf(first, rttMs)));
    const memory = Math.min(limits.memory, MEMORY[backend]);
    const whole = await ask(shapeFor({ work, memory }), backend);
    const result = await checkRaw(whole, rttMs, options);
    onStage('micro');
    let micro: Transcript['micro'] = null, failure: NexusError | null = null;
    try {
      micro = await askMicro(session, executor, rttMs, options);
    } catch (thrown) {
      signal.throwIfAborted();
      failure = asNexusError(thrown);
    }
    return {
      raw: {
        backend: result.backend,
        rate: Math.round(result.rate),
        memory: Math.round(result.memory),
      },
      features: micro?.features ?? [],
      rawTranscript: rawTranscript(whole),
      microTranscript: micro,
      failure,
      tookMs: first.to - first.from + whole.to - whole.from + (micro?.elapsed ?? 0) / 1000,
    };
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
  return rawResult(challenge, commitment, { elapsedMs: to - from, rttMs });
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
