import type { Salted } from '../../feeds/records/mod.ts';
import { loadPoseidon, type Poseidon } from './poseidon.ts';
import { leafOf, leafSalt, TopkTree } from './topk.ts';
import type { BuiltTopk, Candidates } from './types.ts';

/** Attempts that are built at once, at most: what comes beyond goes without a root. */
const MAX_TREES = 64;

/** What a builder is told. Bytes and lists as they are: it goes between threads. */
export type ToBuilder =
  | { op: 'open'; id: number; of: Salted; from: number }
  | { op: 'push'; id: number; candidates: Candidates }
  | { op: 'finish'; id: number }
  | { op: 'drop'; id: number };

/** What it answers to `finish`. */
export interface FromBuilder {
  id: number;
  built: Pick<BuiltTopk, 'root' | 'nodes'> | null;
}

interface Growing {
  of: Salted;
  next: number;
  tree: TopkTree;
}

/** Builds the trees of several attempts, in the order in which it is told. */
export class TopkBuilders {
  readonly #poseidon: Poseidon;
  readonly #trees = new Map<number, Growing>();

  constructor(poseidon: Poseidon) {
    this.#poseidon = poseidon;
  }

  /** Loads what it needs: about a second. */
  static async load(): Promise<TopkBuilders> {
    return new TopkBuilders(await loadPoseidon());
  }

  /** Takes a message; the answer, if it asks for one. Candidates that are none end their tree. */
  take(message: ToBuilder): FromBuilder | null {
    const { id } = message;
    if (message.op === 'open') {
      const { of, from } = message;
      if (this.#trees.size >= MAX_TREES) return null;
      this.#trees.set(id, { of, next: from, tree: new TopkTree(this.#poseidon) });
      return null;
    }
    const growing = this.#trees.get(id);
    if (message.op === 'push') {
      if (growing !== undefined) this.#push(id, growing, message.candidates);
      return null;
    }
    this.#trees.delete(id);
    return message.op === 'drop' ? null : { id, built: growing?.tree.finish() ?? null };
  }

  #push(id: number, growing: Growing, candidates: Candidates): void {
    try {
      const salt = leafSalt(growing.of, growing.next++);
      growing.tree.push(leafOf(this.#poseidon, salt, candidates));
    } catch {
      this.#trees.delete(id);
    }
  }
}
