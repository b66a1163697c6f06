import { fromHex, importSigner, toHex } from '../../feeds/base/mod.ts';
import { type CanaryRevealRecord, seedOf } from '../../feeds/records/mod.ts';
import { canaryKey, canaryPlan } from '../../feeds/trust/mod.ts';
import type { Engine, LoadedModel } from '../engine/mod.ts';
import { prepareJob, roomFor } from '../job/mod.ts';
import { writePrompt } from './prompt.ts';

/** Of a user who chooses nothing, 0.7 in 1024ths; and 1. */
const TEMPERATURES = [717, 717, 1024];
const LENGTHS = [64, 128, 256, 512];
/** Prompt and answer leave room for another prompt. */
const CONTEXT_SHARE = 0.5;
/** Every second one is a fraud: who always says ok is found as fast as who never does. */
const FRAUDS = 0.5;
/** Cuts between the plan and its job, at most: the one must not announce the other. */
const MOST_WAIT = 4;

/** One planted job, with all that its requester and its witness need; a secret until it is revealed. */
export interface Canary {
  /** Seed of the identity that asks, made for it alone. */
  identity: Uint8Array;
  salt: Uint8Array;
  nonce: Uint8Array;
  /** Id of the profile. */
  profile: Uint8Array;
  text: string;
  /** What is answered instead; null for an honest one. */
  instead: string | null;
  sampling: { tq: number; pq: number; maxTokens: number };
  priceCap: number;
  /** Id of the job, 32 bytes. */
  job: Uint8Array;
  /** Cuts that pass after the plan's before it is asked. */
  wait: number;
}

export interface PlanOptions {
  engine: Pick<Engine, 'tokenizeChat' | 'tokenizeText' | 'generate'>;
  /** Id of the network. */
  network: Uint8Array;
  model: LoadedModel;
  priceCap: number;
  /** Uniform in [0, 1). */
  random: () => number;
  randomBytes: (length: number) => Uint8Array;
}

/** Makes up a job, down to its id. Null where the model's context is too small for it. */
export async function planCanary(
  options: PlanOptions,
  signal: AbortSignal,
): Promise<Canary | null> {
  const { engine, network, model, random, randomBytes, priceCap } = options;
  const { profileId: profile, contextSize } = model;
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!;
  const write = () => writePrompt(engine, profile, random, randomBytes(32), signal);
  const text = await write();
  const instead = random() < FRAUDS ? await write() : null;
  const prompt = await promptOf(engine, profile, text);
  const wanted = pick(LENGTHS);
  if (prompt.length + wanted > CONTEXT_SHARE * contextSize) return null;
  const [identity, salt, nonce] = [randomBytes(32), randomBytes(32), randomBytes(32)];
  const sampling = { tq: pick(TEMPERATURES), pq: 65_536, maxTokens: wanted };
  const { id } = prepareJob({
    network,
    profile,
    requester: (await importSigner(identity)).publicKey,
    parent: null,
    key: canaryKey(salt, 0),
    nonce,
    prompt,
    stops: [],
    sampling: { ...sampling, maxTokens: roomFor(prompt.length, wanted, contextSize) },
    priceCap,
    costs: null,
  });
  const wait = Math.floor(random() * (MOST_WAIT + 1));
  return {
    identity,
    salt,
    nonce,
    profile,
    text,
    instead: instead === text ? null : instead,
    sampling,
    priceCap,
    job: id,
    wait,
  };
}

/** Token ids of a user's message. */
export function promptOf(
  engine: Pick<Engine, 'tokenizeChat'>,
  profile: Uint8Array,
  content: string,
): Promise<number[]> {
  return engine.tokenizeChat(profile, [{ role: 'user', content }]);
}

/** What opens the plan. @param commit index of its `canary` entry; 0 before it has one */
export function revealOf(
  { job, instead, salt }: Canary,
  network: Uint8Array,
  commit: number,
): CanaryRevealRecord {
  const planted = [{ job, attempt: 0, honest: instead === null }];
  return { type: 'canaryReveal', network, commit, planted, salt };
}

/** Hash of the plan, 32 bytes. @param author the witness that plants it */
export function planOf(canary: Canary, network: Uint8Array, author: Uint8Array): Uint8Array {
  return canaryPlan(author, revealOf(canary, network, 0));
}

/** Seed of the answer. */
export function answerSeed({ profile, nonce }: Canary, network: Uint8Array): Uint8Array {
  return seedOf(network, profile, nonce);
}

const KEYS = ['identity', 'salt', 'nonce', 'profile', 'job'] as const;

/** As plain JSON; {@link parseCanary} reads it. */
export function canaryToJson(canary: Canary): Record<string, unknown> {
  return { ...canary, ...Object.fromEntries(KEYS.map((key) => [key, toHex(canary[key])])) };
}

/** What this node has written itself. @throws if it is something else */
export function parseCanary(json: Record<string, unknown>): Canary {
  const bytes = Object.fromEntries(KEYS.map((key) => [key, fromHex(json[key] as string, 32)]));
  return { ...json, ...bytes } as unknown as Canary;
}
