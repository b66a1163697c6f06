/** Incomplete UTF-8 is at most three bytes long, each of which shows as one U+FFFD. */
const HELD_REPLACEMENTS = 3;
/** Tokens kept before the new ones, so that a tokenizer's spacing rules see their context. */
const CONTEXT = 4;
/** Tokens without a complete character after which the text is taken as it is. */
const MAX_PENDING = 32;

/** Two lists of ids whose texts {@link TextAssembler.take} wants. */
export interface TextQuery {
  before: readonly number[];
  all: readonly number[];
}

/**
 * Turns output ids into text of whole characters. It asks for detokenised text instead of calling
 * for it, so that the same code runs beside a tokenizer and across a process boundary:
 * `take(detokenize(query.before), detokenize(query.all))` after each `query = push(ids)`.
 */
export class TextAssembler {
  readonly #keep: number;
  #context: number[] = [];
  #pending: number[] = [];
  #shown = 0;
  #held = '';

  /** @param contextual false where a token's bytes never depend on the tokens before it */
  constructor(contextual = true) {
    this.#keep = contextual ? CONTEXT : 0;
  }

  push(ids: readonly number[]): TextQuery {
    this.#pending.push(...ids);
    return { before: [...this.#context], all: [...this.#context, ...this.#pending] };
  }

  /** Takes back the last ids that were pushed, where no text can be had of them. */
  drop(count: number): void {
    this.#pending.length -= count;
  }

  /** The characters that became complete. */
  take(before: string, all: string): string {
    const complete = this.#pending.length > MAX_PENDING;
    const end = complete ? all.length : all.length - heldLength(all);
    const start = before.length + this.#shown;
    const fresh = all.slice(start, Math.max(start, end));
    if (end === all.length) {
      const ids = [...this.#context, ...this.#pending];
      this.#context = ids.slice(ids.length - Math.min(this.#keep, ids.length));
      this.#pending = [];
      this.#shown = 0;
      this.#held = '';
    } else {
      this.#shown += fresh.length;
      this.#held = all.slice(Math.max(start, end));
    }
    return fresh;
  }

  /** What was held back: characters that will never be complete, as U+FFFD. */
  end(): string {
    const held = this.#held;
    this.#held = '';
    return held;
  }
}

function heldLength(text: string): number {
  let held = 0;
  while (held < HELD_REPLACEMENTS && text.charAt(text.length - 1 - held) === '\ufffd') held++;
  return held;
}
