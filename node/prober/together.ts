import { NexusError } from '../../feeds/base/mod.ts';
import type { RawChallenge, Shape } from '../../fingerprint/raw/mod.ts';
import { cubeFor } from '../../fingerprint/raw/mod.ts';
import {
  decideSharing,
  SHARING_BLOCKS,
  type SharingBlock,
  type SharingDecision,
  sharingSchedule,
  type SharingStep,
} from '../../fingerprint/sharing/mod.ts';
import type { MachineSession } from './ask.ts';
import { UNDRAWN_LIMITS } from './limits.ts';
import { type AskedRaw, askRaw, begin, checkRaw, paceOf, type ProbesOptions } from './probes.ts';

/** How long one product is to take, seconds: 36 of them fit into a session of whom nobody drew. */
const AIM_S = 0.25;
/** Fewer blocks than these cannot reach the chance of error that an accusation needs. */
const LEAST_BLOCKS = 8;
/** What an executor says that gives no more time. */
const OVER = new Set(['CHALLENGE_OVER', 'TOO_OFTEN', 'BUSY']);
const FIRST_WORK = 2 ** 24, MOST_WORK = UNDRAWN_LIMITS.cpu.work;

/** Two nodes that are challenged alone and at once. */
export interface Pair {
  a: Uint8Array;
  b: Uint8Array;
  /** Measured round trips, milliseconds. */
  rttA: number;
  rttB: number;
}

/**
 * Whether two nodes share one machine: products at each alone and at both at once, in an order drawn from
 * the nonce, until the blocks suffice for a decision.
 * @throws {NexusError} what an executor refuses with, `RAW_…`
 */
export async function challengeTogether(
  { a, b, rttA, rttB }: Pair,
  options: ProbesOptions,
  onBlock: (done: number, of: number) => void,
  signal: AbortSignal,
): Promise<SharingDecision> {
  await using atA = await begin(a, options, signal);
  await using atB = await begin(b, options, signal);
  const ask = (session: MachineSession, key: Uint8Array, shape: Shape) =>
    askRaw(session, key, { shape, backend: 'any' }, options);
  const shapeA = await sized(atA, a), shapeB = await sized(atB, b);
  const one = () => ask(atA, a, shapeA), other = () => ask(atB, b, shapeB);
  const blocks: SharingBlock[] = [];
  const schedule = sharingSchedule(options.randomBytes(32), SHARING_BLOCKS);
  for (const steps of schedule) {
    try {
      blocks.push(await blockOf(steps));
    } catch (thrown) {
      signal.throwIfAborted();
      // Who has no more time for this says so, and what there is may suffice: when it ends follows from
      // all that a block took, alone and together, and so says nothing of either.
      const isOver = thrown instanceof NexusError && OVER.has(thrown.code);
      if (!isOver || blocks.length < LEAST_BLOCKS) throw thrown;
      break;
    }
    onBlock(blocks.length, schedule.length);
  }
  return decideSharing(blocks);

  async function blockOf(steps: readonly SharingStep[]): Promise<SharingBlock> {
    const block: SharingBlock = { aloneA: 0, aloneB: 0, togetherA: 0, togetherB: 0, overlap: 0 };
    for (const step of steps) {
      signal.throwIfAborted();
      const [left, right] = await Promise.all([
        step === 'b' ? null : one(),
        step === 'a' ? null : other(),
      ]);
      // When both are there: checking the one would keep the other's end from being seen.
      const isLeft = left === null || await isTimed(left, rttA);
      const isRight = right === null || await isTimed(right, rttB);
      // A block in which clocks differ stays incomplete, and does not count.
      if (!isLeft || !isRight) continue;
      if (right === null) block.aloneA = lasted(left!);
      else if (left === null) block.aloneB = lasted(right);
      else {
        block.togetherA = lasted(left);
        block.togetherB = lasted(right);
        const both = Math.min(left.to, right.to) - Math.max(left.from, right.from);
        block.overlap = Math.max(0, both) / Math.min(lasted(left), lasted(right));
      }
    }
    return block;
  }

  /** False where its clock and the one here differ. @throws where it is wrong otherwise */
  async function isTimed(asked: AskedRaw, rtt: number): Promise<boolean> {
    try {
      await checkRaw(asked, rtt, options);
      return true;
    } catch (thrown) {
      if (thrown instanceof NexusError && thrown.code === 'CLOCK_DOCTORED') return false;
      throw thrown;
    }
  }

  async function sized(session: MachineSession, key: Uint8Array): Promise<RawChallenge['shape']> {
    const asked = await askRaw(
      session,
      key,
      { shape: cubeFor(FIRST_WORK), backend: 'any' },
      options,
    );
    const rtt = key === a ? rttA : rttB;
    await checkRaw(asked, rtt, options);
    return cubeFor(Math.min(MOST_WORK, Math.max(FIRST_WORK, 1000 * AIM_S * paceOf(asked, rtt))));
  }
}

function lasted({ from, to }: AskedRaw): number {
  return to - from;
}
