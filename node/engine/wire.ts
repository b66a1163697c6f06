import { type ErrorJson, fromHex, toHex } from '../../feeds/base/mod.ts';
import type {
  GeneratedToken,
  GenerateEnd,
  GenerateRequest,
  LoadedModel,
  ScoreEnd,
  SelfTestResult,
  Threads,
} from './types.ts';
import type { WireScore, WireScored } from './score_wire.ts';

/**
 * What the node and its engine process say to each other: one JSON value a line, over the child's
 * stdin and stdout. Bytes are hexadecimal. A line of the child that is not such a value is taken as
 * diagnostics, so that nothing that a native library prints can do harm.
 */
export type ToEngine =
  | { op: 'init'; id: number; options: InitOptions }
  | { op: 'info'; id: number }
  | { op: 'load'; id: number; profile: unknown; files: WireFiles; weights: boolean }
  | { op: 'unload'; id: number; profile: string }
  | { op: 'chat'; id: number; profile: string; messages: { role: string; content: string }[] }
  | { op: 'tokenize'; id: number; profile: string; text: string }
  | { op: 'detokenize'; id: number; profile: string; lists: number[][] }
  | { op: 'generate'; id: number; request: WireRequest }
  | { op: 'selftest'; id: number; profile: string; budgetMs: number }
  | { op: 'score'; id: number; request: WireScore }
  /** For a running `generate` or `score`: results that its reader has taken, in all. */
  | { op: 'credit'; id: number; taken: number }
  /** For a running `generate`, `score` or `load`. */
  | { op: 'cancel'; id: number };

export type FromEngine =
  | { id: number; ok: unknown }
  | { id: number; error: ErrorJson }
  /** Tokens of a running `generate`: id, position, text, raw logit, candidates. */
  | { id: number; tokens: [number, number, string, number, GeneratedToken['candidates']?][] }
  | { id: number; end: GenerateEnd }
  | { id: number; scored: WireScored[] }
  | { id: number; scoreEnd: ScoreEnd }
  | { event: 'calibrated'; model: WireModel; threads: Threads };

export interface InitOptions {
  gpu: 'auto' | 'cuda' | 'vulkan' | 'metal' | false;
  /** True where the process before this one did not survive its start. */
  careful: boolean;
  threads: Threads | null;
  /** Measured before, by profile id (hex). */
  calibrated: Record<string, Threads>;
  maxSlots: number;
  scoreShare: number;
  sessionBytes: number;
  knownExact: string[];
}

interface WireFiles {
  weights: string | null;
  vocabulary: string;
}

export interface WireRequest extends Omit<GenerateRequest, 'profileId' | 'seed'> {
  profileId: string;
  seed: string;
}

export interface WireModel extends Omit<LoadedModel, 'profileId' | 'class'> {
  profileId: string;
  class: string;
}

export type WireSelfTest = Omit<SelfTestResult, 'class'> & { class: string };

export function requestToWire(request: GenerateRequest): WireRequest {
  return {
    ...request,
    prompt: [...request.prompt],
    prefix: [...request.prefix],
    profileId: toHex(request.profileId),
    seed: toHex(request.seed),
  };
}

export function requestFromWire(request: WireRequest): GenerateRequest {
  return { ...request, profileId: fromHex(request.profileId, 32), seed: fromHex(request.seed, 32) };
}

export function modelToWire(model: LoadedModel): WireModel {
  return { ...model, profileId: toHex(model.profileId), class: toHex(model.class) };
}

export function modelFromWire(model: WireModel): LoadedModel {
  return { ...model, profileId: fromHex(model.profileId, 32), class: fromHex(model.class, 32) };
}
