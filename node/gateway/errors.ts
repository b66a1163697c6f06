import { asNexusError, NexusError } from '../../feeds/base/mod.ts';

/** The one shape of errors, as OpenAI's clients read it. */
export interface ErrorBody {
  error: { message: string; type: string; param: string | null; code: string | null };
}

/** An error as it is sent: status, OpenAI's four fields, headers of its own. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly type: string;
  readonly param: string | null;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    detail: {
      param?: string | null;
      type?: string;
      /** Seconds after which it may be tried again. */
      retryAfter?: number;
      headers?: Record<string, string>;
    } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = detail.param ?? null;
    this.type = detail.type ?? (status >= 500 ? 'server_error' : 'invalid_request_error');
    const { retryAfter } = detail;
    this.headers = {
      ...detail.headers,
      ...(retryAfter === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfter)) }),
    };
  }

  body(): ErrorBody {
    const { message, type, param, code } = this;
    return { error: { message, type, param, code } };
  }
}

/** A parameter that is wrong. */
export function badParam(param: string, message: string, code = 'invalid_value'): ApiError {
  return new ApiError(400, code, message, { param });
}

/** What was asked for costs more than there is; to try again at once is no use. */
export function quotaError(
  message: string,
  detail: { retryAfter?: number; headers?: Record<string, string> } = {},
): ApiError {
  return new ApiError(429, 'insufficient_quota', message, {
    ...detail,
    type: 'insufficient_quota',
    // OpenAI's clients would, after a 429.
    headers: { ...detail.headers, 'x-should-retry': 'false' },
  });
}

/** OpenAI's own codes, which clients compare, and the parameter concerned. */
const RENAMED: Record<string, { status: number; code: string; param: string | null }> = {
  PROMPT_TOO_LONG: { status: 400, code: 'context_length_exceeded', param: null },
  TEXT_TOO_LONG: { status: 400, code: 'context_length_exceeded', param: null },
  MODEL_UNKNOWN: { status: 404, code: 'model_not_found', param: 'model' },
  MODEL_ABSENT: { status: 404, code: 'model_not_found', param: 'model' },
};

/** Codes of ours that are the request's fault. */
const REQUESTS: Record<string, string | null> = {
  BAD_REQUEST: null,
  BAD_MAX_TOKENS: 'max_tokens',
  BAD_SEED: 'seed',
  BAD_TOKEN: null,
  MODEL_AMBIGUOUS: 'model',
  PROMPT_EMPTY: null,
  RECORD_BAD_FIELD: null,
  TEMPLATE_REFUSED: 'messages',
};

/** Codes of ours that another try may not meet: somebody was lost, late, or is still starting. */
const PASSING =
  /^(ENGINE|FEEDS|NODE|PEER|NOBODY|CHANNEL)_|_LATE$|^(NOT_READY|NOT_SERVED|CANCELLED)$/;
const RETRY_SECONDS = 2;

/** What anything that was thrown is to a client. What is not ours tells nothing of the inside. */
export function apiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (!(thrown instanceof NexusError)) {
    return new ApiError(500, 'INTERNAL', 'the gateway failed; the log of the node says why');
  }
  const { code } = thrown;
  const message = textOf(thrown);
  // Of the node's own account.
  if (isCaused(thrown, 'NCU_SHORT')) return quotaError(message);
  const renamed = RENAMED[code];
  if (renamed !== undefined) {
    return new ApiError(renamed.status, renamed.code, message, { param: renamed.param });
  }
  if (Object.hasOwn(REQUESTS, code)) {
    return new ApiError(400, code, message, { param: REQUESTS[code] ?? null });
  }
  const full = isCaused(thrown, 'FULL');
  if (full || PASSING.test(code)) {
    return new ApiError(503, full ? 'FULL' : code, message, { retryAfter: RETRY_SECONDS });
  }
  return new ApiError(500, code, message);
}

/** True for that code, also where it is why nobody of those who could do it does. */
function isCaused({ code, cause }: NexusError, wanted: string): boolean {
  return code === wanted ||
    (code === 'NOBODY_REACHABLE' && cause !== undefined && asNexusError(cause).code === wanted);
}

function textOf({ message, hint }: NexusError): string {
  return hint === undefined ? message : `${message} (${hint})`;
}
