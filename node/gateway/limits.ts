/** What one client may take of the gateway. Sizes in bytes, times in milliseconds. */
export interface GatewayLimits {
  /** Body of a request. */
  bodyBytes: number;
  /** Bodies that are being read, all together. */
  bodiesBytes: number;
  headerBytes: number;
  connections: number;
  /** Requests that are being answered, all together. */
  streams: number;
  /** Answers that the node works on; the others wait in the order in which they came. */
  jobs: number;
  /** From the first byte of a request to the end of its headers. */
  headersMs: number;
  /** And to the end of its body. */
  requestMs: number;
  /** A connection without a request. */
  idleMs: number;
  /** A reader who takes nothing while something waits for him. */
  stalledMs: number;
  /** From the choice of an executor to the response's head, where no token came before. */
  headMs: number;
  /** Answers in progress get this long when the gateway closes. */
  drainMs: number;
}

export const GATEWAY_LIMITS: GatewayLimits = {
  bodyBytes: 4 << 20,
  bodiesBytes: 64 << 20,
  headerBytes: 16 << 10,
  connections: 1024,
  streams: 256,
  jobs: 64,
  headersMs: 10_000,
  requestMs: 60_000,
  idleMs: 30_000,
  stalledMs: 20_000,
  headMs: 1000,
  drainMs: 5000,
};
