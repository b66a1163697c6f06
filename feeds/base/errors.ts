/** What crosses a process boundary of a {@link NexusError}. */
export interface ErrorJson {
  code: string;
  message: string;
  hint?: string;
  peer?: string;
  stage?: string;
  cause?: string;
}

/** Where a failure happened and what mends it. */
export interface ErrorDetail {
  /** What the reader can do about it, as an imperative sentence or a command. */
  hint?: string;
  /** Public key (hex) of the peer concerned. */
  peer?: string;
  /** The step that failed: `bootstrap`, `lookup`, `handshake`, `admission`, `offer`, `decode`, … */
  stage?: string;
  cause?: unknown;
}

/**
 * The one error class of Nexus. `code` is stable and is what programs compare; `message` says what
 * happened, `hint` what to do about it.
 *
 * @example
 * ```ts
 * import { NexusError, run } from './mod.ts';
 *
 * try {
 *   for await (const _ of run('Hello', { model: 'no-such-model' }));
 *   throw new Error('answered by a model that does not exist');
 * } catch (thrown) {
 *   if (!(thrown instanceof NexusError)) throw thrown;
 *   console.log(thrown.code, thrown.message, thrown.hint);
 * }
 * ```
 */
export class NexusError extends Error {
  override readonly name = 'NexusError';
  readonly code: string;
  readonly hint: string | undefined;
  readonly peer: string | undefined;
  readonly stage: string | undefined;

  constructor(code: string, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.hint = detail.hint;
    this.peer = detail.peer;
    this.stage = detail.stage;
  }

  toJSON(): ErrorJson {
    const json: ErrorJson = { code: this.code, message: this.message };
    if (this.hint !== undefined) json.hint = this.hint;
    if (this.peer !== undefined) json.peer = this.peer;
    if (this.stage !== undefined) json.stage = this.stage;
    if (this.cause !== undefined) json.cause = messageOf(this.cause);
    return json;
  }

  /** Rebuilds an error that another process sent; anything malformed becomes code `INTERNAL`. */
  static fromJSON(value: unknown): NexusError {
    const field = (name: string): string | undefined => {
      const v = (value as Record<string, unknown> | null | undefined)?.[name];
      return typeof v === 'string' ? v.slice(0, 4096) : undefined;
    };
    const detail: ErrorDetail = {};
    const hint = field('hint'),
      peer = field('peer'),
      stage = field('stage'),
      cause = field('cause');
    if (hint !== undefined) detail.hint = hint;
    if (peer !== undefined) detail.peer = peer;
    if (stage !== undefined) detail.stage = stage;
    if (cause !== undefined) detail.cause = new Error(cause);
    return new NexusError(field('code') ?? 'INTERNAL', field('message') ?? 'unknown error', detail);
  }
}

/** The text of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Wraps anything that was thrown; a {@link NexusError} passes through unchanged. */
export function asNexusError(thrown: unknown, code = 'INTERNAL'): NexusError {
  if (thrown instanceof NexusError) return thrown;
  return new NexusError(code, messageOf(thrown), { cause: thrown });
}
