/** The node as the dashboard reaches it. */
export interface NodeLink {
  /** Follows the node: `snapshot`, changes, and `away` while it is not there; until the abort. */
  watch(signal: AbortSignal): AsyncIterable<unknown>;
  /** Calls a method and yields its events; returns its result. */
  call(
    method: string,
    params: Record<string, unknown>,
    signal: AbortSignal,
  ): AsyncGenerator<unknown, unknown, void>;
  /** Asks a prompt, under the settings of whoever sits here. */
  run(request: Record<string, unknown>, signal: AbortSignal): AsyncIterable<unknown>;
}
