import { EXIT, Interrupted } from './exit.ts';

/** Two signals nearer than this are one: a terminal's Ctrl-C comes from it and from the launcher. */
const SAME_MS = 250;
const PARENT_MS = 500;

/** Tells apart a first signal, its echo, and a second one that insists. */
export function signalJudge(): (now: number) => 'first' | 'echo' | 'again' {
  let last: number | null = null;
  return (now) => {
    const before = last;
    last = now;
    if (before === null) return 'first';
    return now - before < SAME_MS ? 'echo' : 'again';
  };
}

/** A Ctrl-C so soon after one that stopped something means the whole program. */
const MOMENT_MS = 2000;

/** What a Ctrl-C stops while a command holds it, instead of the command. */
export class Interrupts {
  #stop: (() => void) | null = null;
  #taken: number | null = null;

  /** Until it is disposed of, the first Ctrl-C calls `stop`. */
  hold(stop: () => void): Disposable {
    this.#stop = stop;
    return {
      [Symbol.dispose]: () => {
        if (this.#stop === stop) this.#stop = null;
      },
    };
  }

  /**
   * A Ctrl-C came.
   * @param now monotonic milliseconds
   * @returns false: nobody holds it, or it is the second one within a moment
   */
  take(now: number): boolean {
    const again = this.#taken !== null && now - this.#taken < MOMENT_MS;
    this.#taken = now;
    if (this.#stop === null || again) return false;
    this.#stop();
    return true;
  }
}

/**
 * Aborts `abort` on Ctrl-C, SIGTERM and SIGHUP, and when the launcher was killed; a second Ctrl-C
 * ends the program at once. A command may hold the first one. Deno only.
 * @returns what takes the listeners off again
 */
export function listenToSignals(
  abort: AbortController,
  interrupts: Interrupts = new Interrupts(),
): () => void {
  const judge = signalJudge();
  const stop = (name: string) => {
    const now = performance.now();
    if (judge(now) === 'echo') return;
    if (name === 'SIGINT' && interrupts.take(now)) return;
    if (abort.signal.aborted) Deno.exit(EXIT.interrupted);
    abort.abort(new Interrupted(`interrupted by ${name}`));
  };
  const names: Deno.Signal[] = Deno.build.os === 'windows'
    ? ['SIGINT', 'SIGBREAK']
    : ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const listeners = names.map((name) => [name, () => stop(name)] as const);
  for (const [name, listener] of listeners) Deno.addSignalListener(name, listener);
  const launcher = Number(Deno.env.get('NEXUS_LAUNCHER'));
  const timer = setInterval(() => {
    if (launcher > 0 && Deno.ppid !== launcher) {
      clearInterval(timer);
      stop('the end of the launcher');
    }
  }, PARENT_MS);
  Deno.unrefTimer(timer);
  return () => {
    clearInterval(timer);
    for (const [name, listener] of listeners) Deno.removeSignalListener(name, listener);
  };
}
