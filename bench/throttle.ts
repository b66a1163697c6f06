import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';

/** Period of either way to throttle, ms. */
const PERIOD_MS = 20;

export interface Throttle extends Disposable {
  /** How it is done: a quota of the kernel's, or stopping and continuing. */
  how: 'cgroup quota' | 'stop and continue';
}

/**
 * Lets a process have `share` of the machine's processors until disposed of: by a cgroup's quota
 * where those can be written, else by stopping it for the rest of every period. Linux.
 */
export function throttle(pid: number, share: number): Throttle {
  try {
    return quota(pid, share);
  } catch {
    return dutyCycle(pid, share);
  }
}

function quota(pid: number, share: number): Throttle {
  const periodUs = 1000 * PERIOD_MS;
  const quotaUs = Math.round(share * navigator.hardwareConcurrency * periodUs);
  // Below the group that it is in, so that nothing else of its standing changes.
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n').map((line) =>
    line.split(':')
  );
  const first = lines.find(([, controllers]) => controllers?.split(',').includes('cpu'));
  const isFirst = first !== undefined;
  const path = (first ?? lines.find(([, controllers]) => controllers === ''))?.[2] ?? '/';
  const parent = `/sys/fs/cgroup${isFirst ? '/cpu' : ''}${path === '/' ? '' : path}`;
  const group = `${parent}/nexus-bench-${pid}`;
  mkdirSync(group);
  try {
    if (isFirst) {
      writeFileSync(`${group}/cpu.cfs_period_us`, String(periodUs));
      writeFileSync(`${group}/cpu.cfs_quota_us`, String(quotaUs));
    } else writeFileSync(`${group}/cpu.max`, `${quotaUs} ${periodUs}`);
    writeFileSync(`${group}/cgroup.procs`, String(pid));
  } catch (thrown) {
    rmdirSync(group);
    throw thrown;
  }
  return {
    how: 'cgroup quota',
    [Symbol.dispose]() {
      try {
        writeFileSync(`${parent}/cgroup.procs`, String(pid));
      } catch {
        // It has ended; nothing is left in the group.
      }
      rmdirSync(group);
    },
  };
}

function dutyCycle(pid: number, share: number): Throttle {
  let stopped = false, timer: ReturnType<typeof setTimeout> | undefined;
  const turn = () => {
    try {
      Deno.kill(pid, stopped ? 'SIGCONT' : 'SIGSTOP');
    } catch {
      return;
    }
    stopped = !stopped;
    timer = setTimeout(turn, PERIOD_MS * (stopped ? 1 - share : share));
  };
  turn();
  return {
    how: 'stop and continue',
    [Symbol.dispose]() {
      clearTimeout(timer);
      try {
        Deno.kill(pid, 'SIGCONT');
      } catch {
        // It has ended.
      }
    },
  };
}
