import type {
  FigureHistoryRow,
  FiguresRow,
  FingerprintRow,
  FingerprintRows,
} from '../../node/control/mod.ts';
import { NAMES } from './synthetic_mesh.ts';

const PROFILE = '5e'.repeat(32), CLASS = 'c1'.repeat(32);
/** Nodes whose machines are known. */
const MOST = 64;

/** Machines that are not there: claimed, measured and attested, one of them refuted. */
export class SyntheticPrints {
  readonly #random: () => number;
  readonly #nodes: FingerprintRow[];
  #epoch = 20;

  constructor(me: string, peers: readonly string[], at: number, random: () => number) {
    this.#random = random;
    this.#nodes = [me, ...peers].slice(0, MOST).map((key, i) => this.#node(key, i, at));
  }

  rows(): FingerprintRows {
    const nodes = this.#nodes, epoch = this.#epoch;
    const challenges = nodes.slice(1, 6).map(({ key, profile }, i) => ({
      executor: key,
      profile,
      epoch: i === 0 ? null : epoch - i,
      state: (['logged', 'failed', 'work', 'waiting', 'refused'] as const)[i]!,
      done: i,
      runs: 10,
      detail: i === 1 ? 'it did not answer' : '',
      at: nodes[0]!.history[0]!.at,
    }));
    return { epoch, challengers: 3, nodes, challenges, cost: 0.004, note: null };
  }

  /** Another cut is folded. */
  cut(at: number): void {
    this.#epoch++;
    const node = this.#nodes[Math.floor(this.#random() * this.#nodes.length)]!;
    node.history = [...node.history, this.#point(at, 40)].slice(-64);
  }

  #node(key: string, i: number, at: number): FingerprintRow {
    const decode = 20 + this.#random() * 100;
    const figures: FiguresRow = {
      prefill: decode * 9,
      decode,
      streams: 4,
      streamRate: decode * 2.5,
      context: 2048,
      at,
    };
    const around = (value: number) => ({ low: value * 0.96, high: value * 1.04, confidence: 0.98 });
    return {
      key,
      own: i === 0,
      name: NAMES[i % NAMES.length]!,
      profile: PROFILE,
      model: 'smollm2-135m',
      class: CLASS,
      claimed: i % 5 === 4 ? null : figures,
      measured: i % 3 === 0 ? figures : null,
      attested: i % 4 === 3 ? null : {
        prefill: around(decode * 9),
        decode: around(decode),
        streams: around(decode * 2.5),
        context: { low: 2048, high: 2048, confidence: 1 },
        until: 40,
        by: [key],
        raw: { backend: 'cpu', rate: 900, memory: 64 },
      },
      contradicted: i === 2
        ? {
          figure: 'decode',
          claimed: decode * 2,
          low: decode * 0.96,
          high: decode * 1.04,
          epoch: 9,
        }
        : null,
      history: Array.from({ length: 12 }, (_, n) => this.#point(at + n, decode)),
      energy: i === 0
        ? { source: 'rapl', promptToken: 0.004, outputToken: 0.02, error: 0.05 }
        : null,
    };
  }

  #point(at: number, decode: number): FigureHistoryRow {
    const near = decode * (0.95 + this.#random() / 10);
    return { at, source: 'attestation', by: CLASS, prefill: near * 9, decode: near };
  }
}
