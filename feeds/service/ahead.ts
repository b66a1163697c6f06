import { equalBytes, toHex } from '../base/mod.ts';
import type { HeadEvidence, SignedHead } from '../proof/mod.ts';

/** Heads of one core that wait. */
const MOST_HEADS = 4;
const MOST_CORES = 4096;

/** Verified heads of cores that are longer than what is here: they are compared once it has grown. */
export class Ahead {
  readonly #heads = new Map<string, SignedHead[]>();

  /** Keeps a head; two of one length and fork with different trees are evidence already. */
  keep(head: SignedHead): HeadEvidence | null {
    const name = toHex(head.key);
    const heads = this.#heads.get(name) ?? [];
    const same = heads.find(({ length, fork }) => length === head.length && fork === head.fork);
    if (same !== undefined) {
      if (equalBytes(same.treeHash, head.treeHash)) return null;
      const [first, second] = [same, head].map((head) => ({ head, prefix: null }));
      return { proof: 'heads', first: first!, second: second! };
    }
    // The shortest is reached first; a log that grows fast is shown again soon.
    heads.push(head);
    heads.sort((a, b) => a.length - b.length).splice(MOST_HEADS);
    this.#heads.delete(name);
    this.#heads.set(name, heads);
    if (this.#heads.size > MOST_CORES) this.#heads.delete(this.#heads.keys().next().value!);
    return null;
  }

  /** Takes out the heads that a core of this length has reached. */
  reached(key: Uint8Array, length: number): SignedHead[] {
    const name = toHex(key);
    const heads = this.#heads.get(name) ?? [];
    const reached = heads.filter((head) => head.length <= length);
    if (reached.length === heads.length) this.#heads.delete(name);
    else if (reached.length > 0) this.#heads.set(name, heads.slice(reached.length));
    return reached;
  }
}
