import { toHex } from '../../feeds/base/mod.ts';
import { encodeRecord, LIMITS } from '../../feeds/records/mod.ts';
import type { OwnLogs } from './logs.ts';
import type { ServingModels } from './serving.ts';

/** A node that stops says that it audits no more, within this. */
const LEAVE_MS = 1000;

interface Offering {
  profile: Uint8Array;
  class: Uint8Array;
}

/** What this node says that it can audit: logged where that changes, and taken back at the end. */
export class AuditOffer {
  readonly #network: Uint8Array;
  readonly #logs: OwnLogs;
  /** Offerings that the log names, as text. */
  #offered = '[]';

  constructor(network: Uint8Array, logs: OwnLogs) {
    this.#network = network;
    this.#logs = logs;
  }

  /** Logs what can be audited here, where that has changed. */
  async renew(serving: Pick<ServingModels, 'all'>): Promise<void> {
    const offerings = serving.all.slice(0, LIMITS.offerings)
      .map(({ loaded }) => ({ profile: loaded.profileId, class: loaded.class }));
    const text = JSON.stringify(offerings.map((one) => [toHex(one.profile), toHex(one.class)]));
    if (text === this.#offered) return;
    this.#offered = text;
    try {
      await this.#log(offerings);
    } catch (thrown) {
      this.#offered = '[]';
      throw thrown;
    }
  }

  /** Nothing more is audited here. Waits a second at most. */
  async leave(): Promise<void> {
    if (this.#offered === '[]') return;
    const leaving = this.#log([]).catch(() => {});
    await Promise.race([leaving, new Promise((resolve) => setTimeout(resolve, LEAVE_MS))]);
  }

  async #log(offerings: Offering[]): Promise<void> {
    const record = {
      type: 'auditor' as const,
      network: this.#network,
      offerings,
      at: Date.now(),
    };
    await this.#logs.append('attestations', [encodeRecord(record)]);
  }
}
