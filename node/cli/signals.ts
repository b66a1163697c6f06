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

/**
 * Aborts `abort` on Ctrl-C, SIGTERM and SIGHUP, and when the launcher was killed; a second Ctrl-C
 * ends the program at once. Deno only.
 * @returns what takes the listeners off again
 */
export function listenToSignals(abort: AbortController): () => void {
  const judge = signalJudge();
  const stop = (name: string) => {
    const verdict = judge(performance.now());
    if (verdict === 'first') abort.abort(new Interrupted(`interrupted by ${name}`));
    if (verdict === 'again') Deno.exit(EXIT.interrupted);
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
