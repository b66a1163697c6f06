import type { Sampling } from '../../feeds/records/mod.ts';
import type { ChatMessage } from '../engine/mod.ts';
import type { Where } from '../router/mod.ts';
import type { RequesterDeps } from './deps.ts';
import { type Job, prepareJob, roomFor } from './offer.ts';
import type { TokenCosts } from './purse.ts';

/** A prompt and how it is to be answered. */
export interface JobRequest {
  /** Profile id, 32 bytes. */
  profile: Uint8Array;
  contextSize: number;
  /** Empty where `prompt` is given. */
  messages: readonly ChatMessage[];
  /** Raw text to be gone on from, without a chat template. */
  prompt?: string;
  sampling: Sampling;
  stops?: readonly string[];
  /** 32 bytes that decide the draw; drawn if absent. */
  nonce?: Uint8Array;
  /** Id of the job that this one continues. */
  parent?: Uint8Array | null;
  where: Where;
  /** micro-NCU an output token, at most. */
  priceCap: number;
  /** In which proportion prompt tokens cost; null or absent: only output tokens cost anything. */
  costs?: TokenCosts | null;
  /** Executors (hex) not to be asked, with the reason. */
  exclude?: ReadonlyMap<string, string>;
  /** Aborting ends the job with `done`, finish `cancelled`. */
  signal?: AbortSignal;
}

/**
 * Tokenises a request and fixes its job.
 * @throws {NexusError} `BAD_MAX_TOKENS`, `PROMPT_EMPTY`, `PROMPT_TOO_LONG`, or what the tokenizer says
 */
export async function jobOf(request: JobRequest, deps: Required<RequesterDeps>): Promise<Job> {
  const { profile, messages } = request;
  const prompt = request.prompt === undefined
    ? await deps.engine.tokenizeChat(profile, messages)
    : await deps.engine.tokenizeText(profile, request.prompt);
  const room = roomFor(prompt.length, request.sampling.maxTokens, request.contextSize);
  return prepareJob({
    network: deps.network,
    profile: request.profile,
    requester: deps.signer.publicKey,
    parent: request.parent ?? null,
    key: deps.randomBytes(32),
    nonce: request.nonce ?? deps.randomBytes(32),
    prompt,
    stops: request.stops ?? [],
    sampling: { ...request.sampling, maxTokens: room },
    priceCap: request.priceCap,
    costs: request.costs ?? null,
  });
}
