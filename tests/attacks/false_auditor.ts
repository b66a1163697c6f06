import { equalBytes, toHex } from '../../feeds/base/mod.ts';
import {
  decodeRecord,
  encodeRecord,
  type VerdictCommitRecord,
  type VerdictRevealRecord,
} from '../../feeds/records/mod.ts';
import type { NexusNode } from '../../node/daemon/mod.ts';
import type { Lie } from './lies.ts';

/** Log e-value that decides everything, units of 1/65536 nat. */
const HUGE = 2 ** 44;
/** How long it waits for somebody whose commitment it can copy. */
const COPY_MS = 8000;
const LOOK_MS = 100;
/** Entries at the end of a log that are looked at. */
const LOOK_BACK = 64;

type Hands = Pick<NexusNode, 'trust' | 'directory' | 'feeds'>;

/** What an auditor says that is not honest. */
export class FalseAuditor {
  readonly #node: Hands;
  readonly #lie: () => Lie | null;

  constructor(node: Hands, lie: () => Lie | null) {
    this.#node = node;
    this.#lie = lie;
  }

  /** Changes a verdict, in place, before its author commits to it. Its readings stay true. */
  change(draft: VerdictRevealRecord): void {
    const says = this.#says(toHex(draft.subject));
    if (says === null) return;
    const log = says === 'ok' ? -HUGE : HUGE;
    draft.finding = says;
    draft.evidence = draft.evidence.map(() => log);
    draft.mismatches = says === 'ok' ? 0 : draft.positions;
    draft.detail = '';
  }

  /** What is logged in place of a block; null for nothing at all. */
  async block(bytes: Uint8Array): Promise<Uint8Array | null> {
    const record = decodeRecord(bytes);
    const audits = this.#lie()?.audits;
    if (record.type === 'verdictReveal') return audits === 'silent' ? null : bytes;
    if (record.type !== 'verdictCommit' || audits !== 'copy') return bytes;
    const value = await this.#anothers(record);
    return value === null ? bytes : encodeRecord({ ...record, value });
  }

  #says(subject: string): 'ok' | 'fraud' | null {
    const { audits, friend } = this.#lie() ?? {};
    if (audits === 'ok' || audits === 'fraud') return audits;
    if (friend === undefined) return null;
    const about = this.#node.trust?.audits.find((audit) => audit.subject === subject);
    return about?.executor === friend ? 'ok' : null;
  }

  /** What another auditor committed to about the same answer. */
  async #anothers({ subject }: VerdictCommitRecord): Promise<Uint8Array | null> {
    const feeds = await this.#node.feeds();
    for (let waited = 0; waited < COPY_MS; waited += LOOK_MS) {
      for (const { info } of this.#node.directory.peers) {
        const core = info.identity.attestations;
        const { length } = await feeds.head(core).catch(() => ({ length: 0 }));
        const start = Math.max(0, length - LOOK_BACK);
        for await (const { value } of feeds.read(core, { start, end: length })) {
          const record = value && decodeRecord(value);
          if (record?.type === 'verdictCommit' && equalBytes(record.subject, subject)) {
            return record.value;
          }
        }
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return null;
  }
}
