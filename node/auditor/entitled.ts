import { plainCopy } from '../../feeds/base/mod.ts';
import type { Hex, TrustEvent } from '../../feeds/trust/mod.ts';

/** Attempts that are remembered; the oldest go first. */
const MAX_ATTEMPTS = 16_384;

/** By attempt, the auditors: plain data. */
export type EntitledState = ReadonlyMap<string, ReadonlySet<Hex>>;

/** Auditors that were drawn, asked in time and got the key: they may fetch the transcript. */
export class Entitled {
  #auditors = new Map<string, Set<Hex>>();

  state(): EntitledState {
    return plainCopy(this.#auditors);
  }

  load(state: EntitledState): void {
    this.#auditors = new Map([...state].map(([name, auditors]) => [name, new Set(auditors)]));
  }

  /** Takes what a cut led to. */
  take(events: readonly TrustEvent[]): void {
    for (const event of events) {
      if (event.type !== 'duty' || event.duty.open === null) continue;
      const { auditor, subject: { job, attempt } } = event.duty;
      const name = `${job}-${attempt}`;
      const auditors = this.#auditors.get(name);
      if (auditors !== undefined) {
        auditors.add(auditor);
        continue;
      }
      this.#auditors.set(name, new Set([auditor]));
      if (this.#auditors.size > MAX_ATTEMPTS) {
        this.#auditors.delete(this.#auditors.keys().next().value!);
      }
    }
  }

  /** @param auditor hexadecimal, as `job` */
  has(auditor: Hex, job: Hex, attempt: number): boolean {
    return this.#auditors.get(`${job}-${attempt}`)?.has(auditor) ?? false;
  }
}
