import { asNexusError, NexusError } from '../../feeds/base/mod.ts';
import { oneLine, printable, type Style, styled, styleOf } from './text.ts';

/** Where text goes. */
export interface Sink {
  /** Resolves when all is taken; rejects with `PIPE_CLOSED` when nobody reads any more. */
  write(text: string): Promise<void>;
  /** True for a terminal. */
  readonly terminal: boolean;
  readonly color: boolean;
  /** Width of the terminal; absent: no limit. */
  readonly columns?: number;
}

/** How much is said, and to whom. */
export interface OutputOptions {
  json: boolean;
  quiet: boolean;
  verbose: boolean;
}

/**
 * What a command says. Results go to stdout; what is said about them goes to stdout only where a
 * person reads it, else to stderr, so that a pipe carries results alone.
 */
export class Output {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly #stdout: Sink;
  readonly #stderr: Sink;

  constructor(stdout: Sink, stderr: Sink, options: OutputOptions) {
    this.json = options.json;
    this.quiet = options.quiet;
    this.verbose = options.verbose;
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  /** True if a person reads stdout on a terminal. */
  get terminal(): boolean {
    return this.#stdout.terminal && !this.json;
  }

  /** Columns that a line of the result may take. */
  get columns(): number {
    return this.#stdout.columns ?? Infinity;
  }

  /** True if progress can be redrawn on stderr. */
  get progress(): boolean {
    return this.#stderr.terminal && !this.quiet;
  }

  /** Styles for notes. */
  get style(): Style {
    return styleOf(this.#notes.color);
  }

  /** Styles for results. */
  get resultStyle(): Style {
    return styleOf(this.#stdout.color);
  }

  /** A line of the result. With `--json` the events are the result, and this says nothing. */
  async result(line: string): Promise<void> {
    await this.part(`${line}\n`);
  }

  /** A piece of a result. Of control characters only our own styles are shown, here and below. */
  async part(text: string): Promise<void> {
    if (!this.json) await this.#stdout.write(styled(text));
  }

  /**
   * A piece of an answer, as it is; only on a terminal control characters are left out. Resolves
   * when the reader has taken it.
   */
  async answer(text: string): Promise<void> {
    if (!this.json) await this.#stdout.write(this.#stdout.terminal ? printable(text) : text);
  }

  /** A line about the result, for people. */
  async note(line = ''): Promise<void> {
    if (!this.quiet) await this.#notes.write(`${styled(line)}\n`);
  }

  /** A line of detail, with `--verbose`. */
  async detail(line: string): Promise<void> {
    if (this.verbose) {
      await this.#stderr.write(`${styled(styleOf(this.#stderr.color).dim(line))}\n`);
    }
  }

  /** Something that is not as it should be, though the command goes on. */
  async warn(line: string): Promise<void> {
    const { yellow } = styleOf(this.#stderr.color);
    await this.#stderr.write(`${yellow('warning:')} ${styled(line)}\n`);
  }

  /** A line of a log for programs: stderr, whoever reads stdout. */
  async log(line: string): Promise<void> {
    if (!this.quiet) await this.#stderr.write(`${line}\n`);
  }

  /** Raw text on stderr, for redrawn progress. */
  async raw(text: string): Promise<void> {
    await this.#stderr.write(text);
  }

  /** One NDJSON event on stdout, with `--json`. */
  async event(event: { event: string } & Record<string, unknown>): Promise<void> {
    if (this.json) await this.#stdout.write(`${JSON.stringify(event)}\n`);
  }

  /** A failure: on stderr for people, and as an `error` event with `--json`. */
  async error(thrown: unknown): Promise<void> {
    const error = asNexusError(thrown);
    await this.event({ event: 'error', ...error.toJSON() });
    await this.#stderr.write(`${describe(error, styleOf(this.#stderr.color))}\n`);
    if (this.verbose && thrown instanceof Error && thrown.stack !== undefined) {
      await this.#stderr.write(`${printable(thrown.stack)}\n`);
    }
  }

  get #notes(): Sink {
    return this.terminal ? this.#stdout : this.#stderr;
  }
}

/** An error for people: what happened, where, why, what to do. */
export function describe(error: NexusError, style: Style): string {
  const lines = [`${style.red('error:')} ${printable(error.message)} ${style.dim(error.code)}`];
  const add = (name: string, text: string | undefined) => {
    if (text !== undefined && text !== '') {
      lines.push(`  ${style.dim(`${name}:`)} ${oneLine(text)}`);
    }
  };
  add('peer', error.peer);
  add('stage', error.stage);
  let cause = error.cause;
  for (let depth = 0; cause instanceof Error && depth < 4; depth++) {
    if (!error.message.includes(cause.message)) add('cause', cause.message);
    cause = cause.cause;
  }
  add('hint', error.hint);
  return lines.join('\n');
}
