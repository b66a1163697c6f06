const PAGE = 4096;

/** Which blocks of a log are held and which are known to be missing. Grows with what is seen. */
export class Holdings {
  #pages = new Map<number, Uint8Array>();
  /** The page that was noted in last: blocks mostly come in order. */
  #last: { number: number; page: Uint8Array } | null = null;
  /** Distinct blocks held. */
  held = 0;
  /** Distinct blocks said to be missing and not seen since. */
  missing = 0;

  /** Notes block `index`; true if it is to be read: held, and for the first time. */
  note(index: number, held: boolean): boolean {
    const page = this.#page(Math.floor(index / PAGE));
    const before = page[index % PAGE]!;
    if (before === 2 || (before === 1 && !held)) return false;
    if (before === 1) this.missing--;
    if (held) this.held++;
    else this.missing++;
    page[index % PAGE] = held ? 2 : 1;
    return held;
  }

  #page(number: number): Uint8Array {
    if (this.#last?.number === number) return this.#last.page;
    let page = this.#pages.get(number);
    if (page === undefined) this.#pages.set(number, page = new Uint8Array(PAGE));
    this.#last = { number, page };
    return page;
  }

  /** True if block `index` is held. */
  has(index: number): boolean {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE] === 2;
  }

  /** Ranges `[from, to)` of blocks said to be missing, in order. */
  ranges(): [number, number][] {
    const ranges: [number, number][] = [];
    for (const number of [...this.#pages.keys()].sort((a, b) => a - b)) {
      this.#pages.get(number)!.forEach((state, i) => {
        if (state !== 1) return;
        const index = number * PAGE + i;
        const last = ranges.at(-1);
        if (last !== undefined && last[1] === index) last[1]++;
        else ranges.push([index, index + 1]);
      });
    }
    return ranges;
  }

  /** The first block below `length` that nobody said anything about, or null. */
  firstUnseen(length: number): number | null {
    if (this.held + this.missing >= length) return null;
    for (let number = 0; number * PAGE < length; number++) {
      const at = this.#pages.get(number)?.indexOf(0) ?? 0;
      if (at >= 0) return number * PAGE + at;
    }
    return null;
  }
}
