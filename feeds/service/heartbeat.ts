const PING_MS = 2000;
const TICK_MS = 500;
/** Nothing heard for so long, and two pings missed: the peer is gone. */
const SILENT_MS = 5000;
/** Samples that the measure is drawn from. */
const SAMPLES = 5;

/**
 * Measures the round trip, as the shortest of the last few: the first ones wait behind everything
 * that a new connection brings, and how busy a peer is, is told elsewhere.
 *
 * Notices silence: UDX itself reports a killed peer after 17 s only. Time during which this process
 * stood still itself (a laptop's lid) does not count.
 */
export class Heartbeat {
  rttMs: number | null = null;
  readonly #received: () => number;
  readonly #ping: (n: number) => void;
  readonly #sent = new Map<number, number>();
  readonly #samples: number[] = [];
  #timer: ReturnType<typeof setInterval> | null = null;
  #onsilent: () => void = () => {};
  #n = 0;
  #lastBytes = -1;
  #heardAt = 0;
  #pingAt = 0;
  #tickAt = 0;
  #missed = 0;

  constructor(received: () => number, ping: (n: number) => void) {
    this.#received = received;
    this.#ping = ping;
  }

  /** Called once if the peer falls silent. */
  onsilent(callback: () => void): void {
    this.#onsilent = callback;
  }

  start(): void {
    if (this.#timer !== null) return;
    this.#heardAt = this.#tickAt = performance.now();
    this.#timer = setInterval(() => this.#tick(performance.now()), TICK_MS);
    this.#send(this.#heardAt);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** True if the answer gave a new measurement. */
  pong(n: number): boolean {
    const at = this.#sent.get(n);
    if (at === undefined) return false;
    this.#sent.delete(n);
    this.#samples.push(performance.now() - at);
    if (this.#samples.length > SAMPLES) this.#samples.shift();
    this.rttMs = Math.min(...this.#samples);
    return true;
  }

  #tick(now: number): void {
    const stood = now - this.#tickAt > 3 * TICK_MS;
    this.#tickAt = now;
    const bytes = this.#received();
    if (bytes !== this.#lastBytes || stood) {
      this.#lastBytes = bytes;
      this.#heardAt = now;
      this.#missed = 0;
    }
    const silence = now - this.#heardAt;
    const due = silence > PING_MS ? PING_MS / 2 : this.#n < SAMPLES ? TICK_MS : PING_MS;
    if (now - this.#pingAt >= due) {
      if (silence > PING_MS) this.#missed++;
      this.#send(now);
    }
    const patience = SILENT_MS + 4 * (this.rttMs ?? 0);
    if (silence > patience && this.#missed >= 2) {
      this.stop();
      this.#onsilent();
    }
  }

  #send(now: number): void {
    this.#pingAt = now;
    const n = ++this.#n;
    this.#sent.set(n, performance.now());
    if (this.#sent.size > 16) this.#sent.delete(this.#sent.keys().next().value!);
    this.#ping(n);
  }
}
