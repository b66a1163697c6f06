import { asNexusError, type Broadcast, messageOf, NexusError } from '../../feeds/base/mod.ts';
import { Connection } from './connection.ts';
import type { EngineEvent, EngineInfo } from './types.ts';
import { type InitOptions, modelFromWire } from './wire.ts';

/** Waiting time before the first restart, ms; doubles with each that fails soon. */
const FIRST_RESTART_MS = 100;
const MAX_RESTART_MS = 10_000;
/** A process that lived this long was well: the next restart is quick again. */
const WELL_MS = 30_000;

export interface SupervisorOptions {
  spawn: () => Deno.ChildProcess;
  init: Omit<InitOptions, 'careful'>;
  events: Broadcast<EngineEvent>;
  /** Brings a new process to where the lost one was, before anybody uses it. */
  restore: (connection: Connection) => Promise<void>;
}

/** A process that is ready for calls. */
export interface Up {
  connection: Connection;
  info: EngineInfo;
}

/** Keeps one engine process running until it is closed. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  #up: Promise<Up>;
  #connection: Connection | null = null;
  #closed = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #started = 0;
  #careful = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#up = this.#start();
  }

  /**
   * The running process; waits for one that is being started.
   * @throws {NexusError} `ENGINE_START_FAILED`, `ENGINE_LOST` or `ENGINE_CLOSED`
   */
  up(): Promise<Up> {
    return this.#up;
  }

  get pid(): number | null {
    return this.#connection?.pid ?? null;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#connection?.close();
    this.#up = rejected(closed());
  }

  #start(): Promise<Up> {
    const up = this.#bringUp();
    up.catch(() => {});
    return up;
  }

  async #bringUp(): Promise<Up> {
    if (this.#closed) throw closed();
    const { spawn, init, events, restore } = this.#options;
    this.#started = performance.now();
    const connection = new Connection(spawn(), (event) => {
      events.emit({
        type: 'calibrated',
        model: modelFromWire(event.model),
        threads: event.threads,
      });
    });
    this.#connection = connection;
    const started = (async () => {
      const options = { ...init, careful: this.#careful };
      const info = await connection.call({ op: 'init', options }) as EngineInfo;
      await restore(connection);
      return { connection, info };
    })();
    void connection.ended.then((reason) => this.#onEnd(reason));
    try {
      const up = await started;
      events.emit({ type: 'up', info: up.info });
      return up;
    } catch (cause) {
      connection.kill();
      if (!this.#careful && !this.#closed) {
        this.#careful = true;
        await connection.ended;
        if (this.#closed) throw closed();
        // Its end has brought the next start on its way.
        return await this.#up;
      }
      throw new NexusError('ENGINE_START_FAILED', `the engine did not start: ${messageOf(cause)}`, {
        hint: 'run `nexus doctor`: it tries the engine and says what is missing',
        stage: 'start',
        cause: asNexusError(cause).cause ?? cause,
      });
    }
  }

  #onEnd(reason: string): void {
    this.#connection = null;
    if (this.#closed) return;
    const lived = performance.now() - this.#started;
    this.#failures = lived > WELL_MS ? 0 : this.#failures + 1;
    const restartMs = Math.min(
      MAX_RESTART_MS,
      FIRST_RESTART_MS * 2 ** Math.max(0, this.#failures - 1),
    );
    this.#options.events.emit({ type: 'lost', reason, restartMs });
    // Calls made from now on wait for the next process.
    this.#up = new Promise<Up>((resolve, reject) => {
      this.#timer = setTimeout(() => this.#bringUp().then(resolve, reject), restartMs);
    });
    this.#up.catch(() => {});
  }
}

function closed(): NexusError {
  return new NexusError('ENGINE_CLOSED', 'the engine was closed', { stage: 'stop' });
}

function rejected(error: NexusError): Promise<never> {
  const promise = Promise.reject(error);
  promise.catch(() => {});
  return promise;
}
