import type { LayeredModel } from './backend.ts';
import { chooseSlot, type Slot } from './slots.ts';

/** The sessions of one model: who uses them, and how many there are. */
export class SlotPool {
  readonly #model: LayeredModel;
  readonly #slots: Slot[];
  #max: number;
  #uses = 0;

  /** @param max sessions at once, opened as they are needed */
  constructor(model: LayeredModel, max: number) {
    this.#model = model;
    this.#max = max;
    this.#slots = model.sessions.map(newSlot);
  }

  get size(): number {
    return this.#slots.length;
  }

  /** True once one was taken. */
  get used(): boolean {
    return this.#uses > 0;
  }

  /** The free one that holds most of these tokens, a new one if none is free; null: all are busy. */
  async take(tokens: readonly number[]): Promise<Slot | null> {
    let slot = chooseSlot(this.#slots, tokens);
    if (slot === null && (await this.#grow())) slot = chooseSlot(this.#slots, tokens);
    return slot && this.#use(slot);
  }

  /** One for what is not an answer, emptied: an empty one rather than a conversation's. */
  async takeSpare(): Promise<Slot | null> {
    const empty = () => this.#slots.find(({ busy, tokens }) => !busy && tokens.length === 0);
    let slot = empty() ?? null;
    if (slot === null && (await this.#grow())) slot = empty() ?? null;
    slot ??= chooseSlot(this.#slots, []);
    if (slot === null) return null;
    slot.tokens = [];
    await this.#use(slot).session.rewind(0);
    return slot;
  }

  /** Forgets what the sessions held; somebody else has used them. */
  reset(): void {
    this.#slots.splice(0, this.#slots.length, ...this.#model.sessions.map(newSlot));
  }

  /** Closes sessions opened for a rush. */
  async shrink(): Promise<void> {
    await this.#model.shrink();
    this.#slots.length = this.#model.sessions.length;
  }

  #use(slot: Slot): Slot {
    slot.busy = true;
    slot.usedAt = ++this.#uses;
    return slot;
  }

  async #grow(): Promise<boolean> {
    const more = this.#max - this.#slots.length;
    if (more <= 0) return false;
    try {
      await this.#model.grow(more);
    } catch {
      // Out of memory: the sessions that there are have to do.
      this.#max = this.#slots.length;
      return false;
    }
    this.#slots.push(...this.#model.sessions.slice(this.#slots.length).map(newSlot));
    return true;
  }
}

function newSlot(session: Slot['session']): Slot {
  return { session, tokens: [], busy: false, usedAt: 0 };
}
