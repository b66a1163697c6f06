import { NexusError, readLines } from '../../feeds/base/mod.ts';

const MAX_LINE = 1 << 20;

/** A child that answers each line with a line, in order. */
export class AskedChild implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  #waiting: PromiseWithResolvers<unknown>[] = [];
  #over = false;

  constructor(command: string | URL, args: readonly string[]) {
    this.#child = new Deno.Command(command, {
      args: [...args],
      clearEnv: true,
      stdin: 'piped',
      stdout: 'piped',
      stderr: 'null',
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#input.closed.catch(() => {});
    this.#child.unref();
    void this.#listen();
  }

  /** @throws {NexusError} `ENERGY_UNREADABLE` where it has ended */
  async ask(question: unknown): Promise<unknown> {
    if (this.#over) throw ended();
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.push(answer);
    const line = new TextEncoder().encode(`${JSON.stringify(question)}\n`);
    // Where it cannot be asked it has ended, which the answer tells.
    await this.#input.write(line).catch(() => {});
    return await answer.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close().catch(() => {});
    await this.#child.status;
  }

  async #listen(): Promise<void> {
    try {
      for await (const line of readLines(this.#child.stdout, MAX_LINE, ended)) {
        this.#waiting.shift()?.resolve(JSON.parse(line));
      }
    } catch {
      // What it says is no answer.
    }
    this.#over = true;
    for (const one of this.#waiting.splice(0)) one.reject(ended());
    await this.#input.close().catch(() => {});
  }
}

function ended(): NexusError {
  return new NexusError('ENERGY_UNREADABLE', 'the process that reads energy has ended', {
    hint: 'see nexus doctor',
  });
}
