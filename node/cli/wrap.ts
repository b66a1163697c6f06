import stringWidth from 'string-width';

/** Breaks a text between words as it comes, so that a long answer can be read in a column. */
export class Wrap {
  readonly #width: number;
  readonly #indent: string;
  #column = 0;
  #word = '';
  #marks: string[] = [];

  /**
   * @param width columns of the whole line, indent included
   * @param indent in front of each line
   */
  constructor(width: number, indent: string) {
    this.#width = Math.max(20, width);
    this.#indent = indent;
  }

  /** What is to be printed now for more of the text; its last word may be held back. */
  push(text: string): string {
    let out = '';
    for (const part of text.split(/(\s+)/)) {
      if (part === '') continue;
      if (part.trim() !== '') {
        this.#word += part;
        continue;
      }
      out += this.flush();
      if (part.includes('\n') && this.#column > 0) {
        out += '\n';
        this.#column = 0;
      }
    }
    return out;
  }

  /** A remark, whole; it may carry escape sequences. It comes after the word that it falls into. */
  mark(text: string): string {
    this.#marks.push(text);
    return this.#word === '' ? this.flush() : '';
  }

  /** What was held back. */
  flush(): string {
    const words = [this.#word, ...this.#marks].filter((word) => word !== '');
    this.#word = '';
    this.#marks = [];
    return words.map((word) => this.#place(word)).join('');
  }

  #place(word: string): string {
    const width = stringWidth(word);
    if (this.#column > 0 && this.#column + 1 + width <= this.#width) {
      this.#column += 1 + width;
      return ` ${word}`;
    }
    const before = this.#column === 0 ? '' : '\n';
    this.#column = this.#indent.length + width;
    return `${before}${this.#indent}${word}`;
  }
}
