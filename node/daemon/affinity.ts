import { toHex } from '../../feeds/base/mod.ts';

/** Conversations remembered an executor, and executors in all. */
const MAX_EACH = 8;
const MAX_EXECUTORS = 256;

/** Which executor holds the state of which conversation: a guess from what was sent there. */
export class AffinityBook {
  readonly #sent = new Map<string, (readonly number[])[]>();

  /** An executor has just worked on these ids, prompt and answer. */
  remember(executor: Uint8Array, ids: readonly number[]): void {
    const key = toHex(executor);
    const lists = this.#sent.get(key) ?? [];
    this.#sent.delete(key);
    this.#sent.set(key, [ids, ...lists].slice(0, MAX_EACH));
    if (this.#sent.size > MAX_EXECUTORS) this.#sent.delete(this.#sent.keys().next().value!);
  }

  /** Share of the prompt, 0 to 1, that the executor has seen as the beginning of something. */
  share(executor: Uint8Array, prompt: readonly number[]): number {
    if (prompt.length === 0) return 0;
    const lists = this.#sent.get(toHex(executor)) ?? [];
    return Math.max(0, ...lists.map((ids) => commonPrefix(ids, prompt))) / prompt.length;
  }
}

function commonPrefix(a: readonly number[], b: readonly number[]): number {
  let n = 0;
  while (n < a.length && n < b.length && a[n] === b[n]) n++;
  return n;
}
