import type { NexusError } from '../../feeds/base/mod.ts';
import type { Generation } from './generation.ts';
import type { Slot } from './slots.ts';
import type { GeneratedToken, GenerateEnd } from './types.ts';

/** Tokens that a generation may be ahead of its reader. */
export const WINDOW = 32;

/** Where results go as they come. Exactly one of `end` and `fail` is called, last. */
export interface Sink<T, End> {
  next(value: T): void;
  end(end: End): void;
  fail(error: NexusError): void;
}

/** Where the tokens of one answer go. */
export type GenerationSink = Sink<GeneratedToken, GenerateEnd>;

/** The reader's side of a running answer. */
export interface GenerationHandle {
  /** Tokens of this answer that the reader has taken, in all. */
  credit(taken: number): void;
  /** Ends the answer as `cancelled` before its next token. */
  cancel(): void;
}

/** An answer that waits or is being decoded. */
export interface Job {
  generation: Generation;
  sink: GenerationSink;
  slot: Slot | null;
  /** Tokens handed out, and how many may be: the reader's progress and the window. */
  emitted: number;
  allowed: number;
  cancelled: boolean;
  /** Rows that were there already when it got its slot. */
  cached: number;
  submittedAt: number;
  startedAt: number;
  firstAt: number;
}
