import { join } from 'node:path';
import { equalBytes, NexusError } from '../../feeds/base/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import { decodeRecord, type JobRecord } from '../../feeds/records/mod.ts';
import { buildReceipt, type ReceiptAttempt, type ReceiptEntry } from '../../feeds/proof/mod.ts';
import type { AttemptReceipt } from '../job/mod.ts';
import type { Directory } from './directory.ts';
import type { Finished } from './runner.ts';

/** How long a receipt waits for the executor's log; without it the signed summary stands alone. */
const REPLICATE_MS = 1500;
/** Entries at the end of an executor's log among which an artifact is looked for, newest first. */
const RECENT = 256;
/** It is nearly always among the last few: read first, then twice as many. */
const FEW = 8;
/** Receipts kept; older ones go. */
const MAX_KEPT = 1000;

export interface ReceiptDeskOptions {
  feeds: Promise<Feeds>;
  directory: Directory;
  folder: string;
}

/** Makes the receipts of answered prompts and keeps them, bounded in number. */
export class ReceiptDesk {
  readonly #options: ReceiptDeskOptions;
  #kept = 0;

  constructor(options: ReceiptDeskOptions) {
    this.#options = options;
  }

  /** Writes the receipt of a finished job; returns its path. */
  async keep(finished: Finished): Promise<string> {
    const { folder } = this.#options;
    const text = await this.#make(finished);
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, `${finished.job}.receipt`);
    await Deno.writeTextFile(path, text, { mode: 0o600 });
    if (this.#kept++ % 64 === 0) await prune(folder);
    return path;
  }

  async #make({ parts, model, request, text }: Finished): Promise<string> {
    const feeds = await this.#options.feeds;
    const identities = new Map<string, ReceiptEntry>();
    const attempts: ReceiptAttempt[] = [];
    for (const attempt of parts.attempts) {
      attempts.push(await this.#attempt(feeds, attempt, identities));
    }
    const { jobKey, nonce, prompt, output, bytes, stops } = parts;
    return buildReceipt({
      identities: [...identities.values()],
      attempts,
      opening: request.receipt === 'without text' ? null : {
        jobKey,
        nonce,
        prompt,
        output,
        bytes,
        stops,
        text,
        messages: request.messages,
        profile: model.entry.profile,
      },
    });
  }

  async #attempt(
    feeds: Feeds,
    { job, artifact, settle, jobIndex, settleIndex }: AttemptReceipt,
    identities: Map<string, ReceiptEntry>,
  ): Promise<ReceiptAttempt> {
    const own = feeds.identity.jobs;
    const entry = async (value: Uint8Array, core: Uint8Array, index: number | null) => {
      const proof = index === null ? null : await feeds.prove(core, index);
      if (proof !== null) await this.#identify(feeds, core, identities);
      return { value, proof };
    };
    return {
      job: await entry(job, own, jobIndex),
      artifact: artifact === null ? null : await this.#artifact(feeds, job, artifact, identities),
      settle: settle === null ? null : await entry(settle, own, settleIndex),
    };
  }

  /** The executor's commitment, with proof that its log holds it where that can be had in time. */
  async #artifact(
    feeds: Feeds,
    job: Uint8Array,
    value: Uint8Array,
    identities: Map<string, ReceiptEntry>,
  ): Promise<ReceiptEntry> {
    try {
      const { executor } = decodeRecord(job) as JobRecord;
      const isOwn = equalBytes(executor, feeds.identity.publicKey);
      const core = isOwn
        ? feeds.identity.artifacts
        : this.#options.directory.get(executor)?.info.identity.artifacts;
      if (core === undefined) return { value, proof: null };
      const index = await find(feeds, core, value, isOwn);
      const proof = await feeds.prove(core, index);
      await this.#identify(feeds, core, identities);
      return { value, proof };
    } catch {
      return { value, proof: null };
    }
  }

  /** The first block of a log binds it to its identity. */
  async #identify(feeds: Feeds, core: Uint8Array, identities: Map<string, ReceiptEntry>) {
    const key = core.join();
    if (identities.has(key)) return;
    for await (const { value } of feeds.read(core, { start: 0, end: 1 })) {
      if (value !== null) identities.set(key, { value, proof: await feeds.prove(core, 0) });
    }
  }
}

/** Index of a block among the last ones of a log, waiting for it if it is a peer's. */
async function find(
  feeds: Feeds,
  core: Uint8Array,
  value: Uint8Array,
  isOwn: boolean,
): Promise<number> {
  const signal = AbortSignal.timeout(REPLICATE_MS);
  let unread = 0;
  for (;;) {
    const { length } = isOwn ? await feeds.head(core) : await feeds.update(core, signal);
    const oldest = Math.max(unread, length - RECENT);
    unread = length;
    for (let end = length, page = FEW; end > oldest; end -= page, page *= 2) {
      const start = Math.max(oldest, end - page);
      for await (const block of feeds.read(core, { start, end })) {
        // Not here yet: it is read again.
        if (block.value === null) unread = Math.min(unread, block.index);
        else if (equalBytes(block.value, value)) return block.index;
      }
    }
    if (signal.aborted || isOwn) {
      throw new NexusError('ARTIFACT_NOT_REPLICATED', "the executor's log did not arrive in time");
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function prune(folder: string): Promise<void> {
  const files: { path: string; at: number }[] = [];
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (!isFile || !name.endsWith('.receipt')) continue;
    const path = join(folder, name);
    files.push({ path, at: (await Deno.stat(path)).mtime?.getTime() ?? 0 });
  }
  files.sort((a, b) => b.at - a.at);
  for (const { path } of files.slice(MAX_KEPT)) await Deno.remove(path).catch(() => {});
}
