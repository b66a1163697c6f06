import type { Context } from 'hono';
import { fromHex, NexusError } from '../../feeds/base/mod.ts';
import { readBody } from './body.ts';
import type { Desk } from './desk.ts';
import type { Env } from './endpoint.ts';
import { ApiError, badParam } from './errors.ts';
import type { Body } from './params.ts';
import type { KeyLimits } from './types.ts';

/** A proof with what it answers; more is no application. */
const MAX_BYTES = 16 << 10;

/** Lets in who proves a standing, instead of whoever was given a key. Hashes and keys in hexadecimal. */
export interface GatewayAdmission {
  /** What is asked for, and what an applicant's proof is to answer. @param applicant 32 bytes */
  challenge(applicant: Uint8Array): ChallengeAnswer;
  /**
   * Checks a proof and makes a key, sealed to the applicant.
   * @param proof the proof's file, parsed
   * @throws {NexusError} `ADMISSION_…`, `STANDING_…`, `PROOF_FILE_BAD`, `KEY_…`, `KEYS_TOO_MANY`
   */
  admit(applicant: Uint8Array, expires: number, proof: unknown): Promise<AdmissionAnswer>;
}

export interface ChallengeAnswer {
  network: string;
  /** Key of the node that admits. */
  verifier: string;
  applicant: string;
  nonce: string;
  /** Follows from the four above. */
  challenge: string;
  /** Milliseconds since 1970. */
  expires: number;
  /** Least that is to be shown: parts in a million, micro-NCU. */
  reputation: number;
  bond: number;
  /** How many cuts old the root may be. */
  cuts: number;
}

export interface AdmissionAnswer {
  /** The key's id, as the owner of the gateway sees it. */
  id: string;
  /** Milliseconds since 1970, after which it is refused. */
  expires: number;
  limits: KeyLimits;
  /** The key, sealed to the applicant's X25519 key. */
  sealed: string;
}

/** `POST /v1/admission/challenge` {applicant} */
export async function challengeOf(c: Context<Env>, desk: Desk): Promise<Response> {
  const admission = admissionOf(desk);
  const { applicant } = await bodyOf(c, desk);
  return c.json(admission.challenge(key(applicant)));
}

/** `POST /v1/admission` {applicant, expires, proof} */
export async function admitted(c: Context<Env>, desk: Desk): Promise<Response> {
  const admission = admissionOf(desk);
  const leave = desk.enter();
  try {
    const { applicant, expires, proof } = await bodyOf(c, desk);
    if (!Number.isSafeInteger(expires) || (expires as number) < 0) {
      throw badParam('expires', 'expires must be as the challenge says');
    }
    const answer = await admission.admit(key(applicant), expires as number, proof);
    c.get('call').log.key = answer.id;
    return c.json(answer);
  } catch (thrown) {
    throw refusal(thrown);
  } finally {
    leave();
  }
}

function bodyOf(c: Context<Env>, desk: Desk): Promise<Body> {
  return readBody(c.req.raw, Math.min(MAX_BYTES, desk.limits.bodyBytes), desk.budget);
}

function admissionOf({ options: { admission } }: Desk): GatewayAdmission {
  if (admission !== undefined) return admission;
  throw new ApiError(404, 'ADMISSION_NONE', 'this gateway admits nobody on a proof: ask for a key');
}

function key(value: unknown): Uint8Array {
  if (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)) return fromHex(value, 32);
  throw badParam('applicant', 'applicant must be 64 hexadecimal digits');
}

/** What passes by itself may be tried again; the rest is refused. */
const PASSING = new Set(['ADMISSION_BUSY', 'LEDGER_UNREAD', 'KEYS_TOO_MANY']);

function refusal(thrown: unknown): unknown {
  if (!(thrown instanceof NexusError)) return thrown;
  const { code, message, hint } = thrown;
  const text = hint === undefined ? message : `${message} (${hint})`;
  if (PASSING.has(code)) return new ApiError(503, code, text, { retryAfter: 10 });
  if (code === 'PROOF_FILE_BAD') return new ApiError(400, code, text);
  const isRefused = /^(ADMISSION|STANDING)_/.test(code) || code === 'KEY_INSECURE';
  return isRefused ? new ApiError(403, code, text) : thrown;
}
