import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';

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
  const isFirst = exists('/sys/fs/cgroup/cpu/cpu.cfs_quota_us') ||
    !exists('/sys/fs/cgroup/cgroup.controllers');
  const parent = isFirst ? '/sys/fs/cgroup/cpu' : '/sys/fs/cgroup';
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

function exists(path: string): boolean {
  try {
    return readdirSync(path.slice(0, path.lastIndexOf('/'))).includes(
      path.slice(path.lastIndexOf('/') + 1),
    );
  } catch {
    return false;
  }
}
