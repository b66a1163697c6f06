import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { NCU } from '../../feeds/base/mod.ts';
import type { NodeEvent } from '../control/mod.ts';
import type { GatewayNode, RequestLog } from './types.ts';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const FINISHES = ['end', 'length', 'stop', 'cancelled', 'error'];

/** Figures of the gateway and its node for Prometheus. docs/GATEWAY.md explains each name. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests = this.#counter('nexus_http_requests_total', 'Requests that have ended.', [
    'route',
    'status',
  ]);
  readonly #seconds = this.#histogram('nexus_http_request_seconds', 'From request to end.', [
    'route',
  ]);
  readonly #first = this.#histogram('nexus_first_token_seconds', 'From job to first token.', []);
  readonly #tokens = this.#counter('nexus_tokens_total', 'Tokens of answered requests.', ['kind']);
  readonly #failovers = this.#counter('nexus_failovers_total', 'Executors lost in an answer.', []);
  readonly #executed = this.#counter('nexus_executed_jobs_total', 'Jobs done for requesters.', [
    'finish',
  ]);
  readonly #executedTokens = this.#counter(
    'nexus_executed_tokens_total',
    'Output tokens of those jobs.',
    [],
  );
  readonly #spent = this.#counter('nexus_spent_ncu_total', 'NCU that answers cost.', ['key']);
  readonly #off: () => void;

  /**
   * @param streams requests that are being answered now
   * @param spentToday micro-NCU by id of the key
   */
  constructor(
    node: GatewayNode,
    streams: () => number,
    spentToday: () => ReadonlyMap<string, number> = () => new Map(),
  ) {
    const gauge = (name: string, help: string, value: () => number) =>
      new Gauge({
        name,
        help,
        registers: [this.#registry],
        collect() {
          this.set(value());
        },
      });
    gauge('nexus_http_streams', 'Requests that are being answered.', streams);
    gauge('nexus_ready', '1 if a prompt could be answered.', () => Number(node.readiness().ready));
    gauge('nexus_peers', 'Connected peers.', () => node.figures().peers);
    gauge('nexus_jobs_active', 'Jobs decoding here.', () => node.figures().active);
    gauge('nexus_jobs_queued', 'Jobs waiting here.', () => node.figures().queued);
    gauge('nexus_slots', 'Jobs that may decode here at once.', () => node.figures().slots);
    new Gauge({
      name: 'nexus_key_spent_today_ncu',
      help: 'NCU that answers to the key cost since 00:00 UTC.',
      labelNames: ['key'],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [key, micro] of spentToday()) this.set({ key }, micro / NCU);
      },
    });
    this.#off = node.on((event) => this.#event(event));
  }

  /** @param route a path of the gateway; anything else is `other` */
  request(route: string, { status, totalMs }: RequestLog): void {
    this.#requests.inc({ route, status: String(status) });
    this.#seconds.observe({ route }, totalMs / 1000);
  }

  answer(promptTokens: number, outputTokens: number, firstTokenMs: number | null): void {
    this.#tokens.inc({ kind: 'prompt' }, promptTokens);
    this.#tokens.inc({ kind: 'output' }, outputTokens);
    if (firstTokenMs !== null) this.#first.observe(firstTokenMs / 1000);
  }

  /** @param key its id; null: none was asked for */
  spent(key: string | null, micro: number): void {
    this.#spent.inc({ key: key ?? '' }, micro / NCU);
  }

  failover(): void {
    this.#failovers.inc();
  }

  /** In Prometheus' text format. */
  async text(): Promise<{ type: string; text: string }> {
    return { type: this.#registry.contentType, text: await this.#registry.metrics() };
  }

  [Symbol.dispose](): void {
    this.#off();
    this.#registry.clear();
  }

  #event({ event, finish, tokens, error }: NodeEvent): void {
    if (event !== 'job-finished') return;
    const end = error === null || error === undefined ? String(finish) : 'error';
    this.#executed.inc({ finish: FINISHES.includes(end) ? end : 'error' });
    if (typeof tokens === 'number') this.#executedTokens.inc(tokens);
  }

  #counter(name: string, help: string, labelNames: string[]): Counter {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #histogram(name: string, help: string, labelNames: string[]): Histogram {
    return new Histogram({ name, help, labelNames, buckets: SECONDS, registers: [this.#registry] });
  }
}
