import { equalBytes, toHex } from '../base/mod.ts';
import type { Cut } from '../agreement/mod.ts';
import { TreeHasher, verifyHead } from '../proof/mod.ts';
import type { TrustEntry } from '../trust/mod.ts';
import type { EvidenceLog } from './types.ts';

interface Book {
  log: EvidenceLog;
  tree: TreeHasher;
}

/** The logs of an evidence file, read once from the front: each block is hashed when a cut covers it. */
export class Shelf {
  readonly #books = new Map<string, Book>();

  /** @throws {Error} if a log stands twice in it */
  constructor(logs: readonly EvidenceLog[]) {
    for (const log of logs) {
      const key = toHex(log.key);
      if (this.#books.has(key)) throw new Error(`log ${key} stands twice in the file`);
      this.#books.set(key, { log, tree: new TreeHasher() });
    }
  }

  /**
   * What a cut adds.
   * @throws {Error} if blocks are missing, or are not those that the cut names
   */
  take({ epoch, heads, spans }: Cut): TrustEntry[] {
    const entries: TrustEntry[] = [];
    for (const [i, { core, from, to }] of spans.entries()) {
      const key = toHex(core), book = this.#books.get(key);
      if (book === undefined || book.log.blocks.length < to) {
        throw new Error(`cut ${epoch} covers ${to} blocks of log ${key}, which the file lacks`);
      }
      const { log: { blocks }, tree } = book;
      for (let index = from; index < to; index++) {
        const bytes = blocks[index]!;
        tree.push(bytes);
        entries.push({ core, index, bytes });
      }
      if (!equalBytes(tree.hash, heads[i]!.treeHash)) {
        throw new Error(`the blocks of log ${key} are not those that cut ${epoch} covers`);
      }
    }
    return entries;
  }

  /**
   * Checks that the writers signed what is here, and that nothing else is.
   * @param free logs that may go on after the last cut without a head: the witnesses', whose messages
   * are signed one by one
   * @returns the number of logs that are signed whole
   */
  async finish(free: ReadonlySet<string>): Promise<number> {
    let signed = 0;
    for (const [key, { log: { head, blocks }, tree }] of this.#books) {
      if (tree.length === 0 && !free.has(key)) throw new Error(`no cut covers log ${key}`);
      if (head === null) {
        if (tree.length === blocks.length || free.has(key)) continue;
        throw new Error(`nobody vouches for the last blocks of log ${key}`);
      }
      for (const block of blocks.slice(tree.length)) tree.push(block);
      if (head.length !== blocks.length || !equalBytes(tree.hash, head.treeHash)) {
        throw new Error(`the blocks of log ${key} are not those that its head names`);
      }
      await verifyHead(head);
      signed++;
    }
    return signed;
  }

  get size(): number {
    return this.#books.size;
  }

  /** How many blocks of a log the cuts cover so far. @param core hexadecimal */
  covered(core: string): number {
    return this.#books.get(core)?.tree.length ?? 0;
  }

  /** A block that a cut covers; null otherwise. @param core hexadecimal */
  block(core: string, index: number): Uint8Array | null {
    const book = this.#books.get(core);
    return book !== undefined && index < book.tree.length ? book.log.blocks[index] ?? null : null;
  }
}
