import { readFileSync, writeFileSync } from 'node:fs';
import type { Stretch } from './fingerprint_claims.ts';

/** Probes of earlier runs on this machine, so that many runs of minutes make one of an hour. */
export class ProbeFile {
  readonly #path: string | null;
  readonly #model: string;

  /** @param path null: none is kept */
  constructor(path: string | null, model: string) {
    this.#path = path;
    this.#model = model;
  }

  /** @throws if it is of another model, or none of ours */
  read(): Stretch[] {
    if (this.#path === null) return [];
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch {
      return [];
    }
    const { model, stretches } = JSON.parse(text);
    if (model !== this.#model) throw new Error(`${this.#path} is of ${model}`);
    return stretches;
  }

  write(stretches: readonly Stretch[]): void {
    if (this.#path === null) return;
    writeFileSync(this.#path, JSON.stringify({ model: this.#model, stretches }));
    console.error(`  ${this.#path}: run it again, and these count too`);
  }
}
