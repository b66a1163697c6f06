/** How long a process is stopped or let run at a time, milliseconds. */
const SLICE_MS = 10;

/**
 * Lets a process run for a share of the time only: stopped and continued in turn, by what was measured,
 * so that a timer that comes late changes nothing.
 * @returns ends it; the process runs on
 */
export function slowed(pid: number, share: number): () => void {
  let isStopped = false, stopped = 0, all = 0, since = performance.now();
  const signal = (name: 'SIGSTOP' | 'SIGCONT') => {
    try {
      process.kill(pid, name);
    } catch { /* it has ended */ }
  };
  const timer = setInterval(() => {
    const now = performance.now(), passed = now - since;
    since = now;
    all += passed;
    if (isStopped) stopped += passed;
    const stop = stopped < (1 - share) * all;
    if (stop === isStopped) return;
    signal(stop ? 'SIGSTOP' : 'SIGCONT');
    isStopped = stop;
  }, SLICE_MS);
  return () => {
    clearInterval(timer);
    signal('SIGCONT');
  };
}
