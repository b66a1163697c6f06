/** Jobs whose owner is remembered. */
const MAX_JOBS = 10_000;

/** Which key asked for which job, so that receipts, which hold the text, go to that key alone. */
export class JobOwners {
  readonly #owners = new Map<string, string>();

  add(job: string, key: string): void {
    this.#owners.set(job, key);
    if (this.#owners.size > MAX_JOBS) this.#owners.delete(this.#owners.keys().next().value!);
  }

  /** @param key null where no key was asked for: whoever reaches the gateway is the node's owner */
  owns(job: string, key: string | null): boolean {
    return key === null || this.#owners.get(job) === key;
  }
}
