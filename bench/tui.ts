import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { serveControl } from '../node/control/mod.ts';
import { openHome } from '../node/home/mod.ts';
import { SyntheticMesh } from '../tests/lib/synthetic_mesh.ts';
import { type Figure, median, quantile } from './lib.ts';
import { LAUNCHER } from './world.ts';

const PEERS = 500;
const EVENTS_PER_SECOND = 1000;
const TICK_MS = 20;
/** Before figures are taken: start, first compilation. */
const WARM_UP_MS = 8000;
const KEY_MS = 700;
/** Keys of the panes, and what each brings to the screen. */
const PANES = [
  ['1', '[1 Mesh]'],
  ['2', '[2 Routing]'],
  ['3', '[3 Logs]'],
  ['4', '[4 Trust]'],
  ['5', '[5 Ledger]'],
] as const;
const COLUMNS = 160, ROWS = 50;
/** Clock ticks a second of /proc (USER_HZ), the same on every Linux. */
const HZ = 100;
/** Begins a frame: Ink asks the terminal to draw it at once. */
const FRAME = '\u001b[?2026h';

/**
 * A dashboard in a pseudo-terminal, on a control socket that tells the events of a synthetic mesh.
 * @param seconds how long it is watched after it has warmed up
 */
export async function tui(seconds: number): Promise<Figure[]> {
  if (process.platform !== 'linux') throw new Error('reads /proc: Linux only');
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'nexus-bench-')));
  const { paths } = await openHome(folder);
  const mesh = new SyntheticMesh(PEERS, Date.now());
  const told = { events: 0 };
  await Deno.mkdir(paths.run, { recursive: true, mode: 0o700 });
  const control = await serveControl(paths.socket, {
    watch: (_params, signal) => tell(mesh, told, signal),
  });
  const terminal = new Terminal(folder);
  try {
    await terminal.seen('live');
    const pid = await dashboardOf(terminal.pid);
    await pause(WARM_UP_MS);
    const [frames, events, cpu, since] = [
      terminal.frames,
      told.events,
      cpuMs(pid),
      performance.now(),
    ];
    const memory = [memoryMb(pid)], latencies: number[] = [];
    for (let i = 1; performance.now() - since < seconds * 1000; i++) {
      await pause(KEY_MS + Math.random() * 100);
      const [key, title] = PANES[i % PANES.length]!;
      latencies.push(await terminal.press(key, title));
      memory.push(memoryMb(pid));
    }
    const elapsed = (performance.now() - since) / 1000;
    return figures({
      cpu: (cpuMs(pid) - cpu) / elapsed / 10,
      frames: (terminal.frames - frames) / elapsed,
      events: (told.events - events) / elapsed,
      latencies,
      memory,
      elapsed,
    });
  } finally {
    await terminal.close();
    await control.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Measured {
  /** Per cent of one core. */
  cpu: number;
  frames: number;
  events: number;
  latencies: number[];
  memory: number[];
  elapsed: number;
}

function figures({ cpu, frames, events, latencies, memory, elapsed }: Measured): Figure[] {
  const third = Math.ceil(memory.length / 3);
  const early = median(memory.slice(0, third)), late = median(memory.slice(-third));
  const load = `${Math.round(events)} events/s, ${PEERS} peers, ${COLUMNS}x${ROWS}`;
  const worst = quantile(latencies, 0.95);
  return [
    {
      name: `dashboard: processor (${load})`,
      measured: `${cpu.toFixed(1)} % of one core`,
      goal: '<= 25 %',
      met: cpu <= 25 && events >= 0.95 * EVENTS_PER_SECOND,
    },
    {
      name: 'dashboard: frames a second',
      measured: frames.toFixed(1),
      goal: '<= 30',
      met: frames <= 30,
    },
    {
      name: 'dashboard: key to changed screen, p95',
      measured: `${worst.toFixed(0)} ms (median ${median(latencies).toFixed(0)} ms)`,
      goal: '<= 100 ms',
      met: worst <= 100,
    },
    {
      name: `dashboard: memory over ${elapsed.toFixed(0)} s`,
      measured: `${early.toFixed(0)} MB in the first third, ${late.toFixed(0)} MB in the last`,
      goal: 'flat (<= 1.05)',
      met: late <= 1.05 * early,
    },
  ];
}

async function* tell(mesh: SyntheticMesh, told: { events: number }, signal: AbortSignal) {
  yield mesh.snapshot(Date.now());
  const since = performance.now();
  for (let sent = 0; !signal.aborted;) {
    await pause(TICK_MS);
    // What the timer was late is made up for.
    const due = Math.floor((performance.now() - since) / 1000 * EVENTS_PER_SECOND);
    for (; sent < due && !signal.aborted; sent++) {
      told.events++;
      yield mesh.next(Date.now());
    }
  }
}

/** The launcher under `script`, which gives it a terminal. */
class Terminal {
  frames = 0;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #tail = '';
  #waiting: { text: string; resolve: () => void } | null = null;

  constructor(home: string) {
    const command = `stty rows ${ROWS} cols ${COLUMNS}; exec ${process.env.NEXUS_NODE ?? 'node'} ` +
      `${LAUNCHER} tui --home ${home}`;
    this.#child = spawn('script', ['-qfec', command, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, TERM: 'xterm-256color', NO_COLOR: '' },
    });
    this.#ended = new Promise((resolve) => this.#child.once('close', () => resolve()));
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => this.#take(text));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Resolves when that text is drawn. */
  seen(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = { text, resolve };
      this.#tail = '';
    });
  }

  /** Milliseconds from a key to the text that it brings. */
  async press(key: string, text: string): Promise<number> {
    const since = performance.now();
    const seen = this.seen(text);
    this.#child.stdin!.write(key);
    await seen;
    return performance.now() - since;
  }

  async close(): Promise<void> {
    this.#child.stdin!.write('q');
    await this.#ended;
  }

  #take(text: string): void {
    this.frames += text.split(FRAME).length - 1;
    if (this.#waiting === null) return;
    this.#tail += text;
    if (!this.#tail.includes(this.#waiting.text)) return;
    this.#waiting.resolve();
    this.#waiting = null;
    this.#tail = '';
  }
}

/** The Deno process below the launcher. */
async function dashboardOf(root: number): Promise<number> {
  for (;;) {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number)) {
      if (isBelow(pid, root) && statOf(pid)?.name === 'deno') return pid;
    }
    await pause(100);
  }
}

function isBelow(pid: number, root: number): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 1; at = statOf(at)?.parent) {
    if (at === root) return true;
  }
  return false;
}

function statOf(pid: number): { name: string; parent: number; ticks: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { name, parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return null;
  }
}

function cpuMs(pid: number): number {
  return (statOf(pid)?.ticks ?? NaN) * 1000 / HZ;
}

function memoryMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
