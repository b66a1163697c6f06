import { attemptCost, escrowFor, mulPpm } from '../../feeds/ledger/mod.ts';
import { toHex } from '../../feeds/base/mod.ts';
import type { Hex } from '../../feeds/trust/mod.ts';
import { rank } from '../../node/router/mod.ts';
import { randomOf } from '../../tests/lib/random.ts';
import { readAnswers, type Seen } from './answers.ts';
import { Audits } from './auditing.ts';
import { MAX_TOKENS, PROMPT_TOKENS, writeJob } from './jobs.ts';
import { mature } from './mature.ts';
import { type Passed, PROFILE, SimMesh } from './mesh.ts';
import { type Node, Nodes } from './nodes.ts';
import { operatorsOf, STRATEGIES, type Strategy } from './strategies.ts';
import { Tally } from './tally.ts';
import {
  AUDIT,
  CHEATED,
  COEFFICIENTS,
  DRAIN,
  FALSE_TRIGGERS,
  HONEST,
  paceOf,
  REFERENCE,
  rulesOf,
  type Size,
  termsOf,
  TOKENS,
} from './terms.ts';

const ANSWERS = await readAnswers();
/** Executors that a requester knows of. */
const SAMPLE = 16;
/** Epochs before the first job. */
const SETUP = 4;

/** One history. */
export interface Cell extends Size {
  /** Null: everybody is honest. */
  strategy: Strategy | null;
  seed: number;
}

export interface Outcome {
  /**
   * Of each node of the operator on the average, micro-NCU: money gained less energy spent. By the
   * operator's nodes in 1,000; of an honest history by each such number that a strategy has.
   */
  profit: Record<number, number>;
  slashes: number;
  falseSlashes: number;
  /** What honest nodes lost to fines, slashes and refunds, of what they were paid. */
  honestLoss: number;
  /** Energy of audits, of that of all answers; the second in the last quarter of the run. */
  auditShare: number;
  auditShareLate: number;
  bytesPerJob: number;
  entries: number;
}

/** A mesh of many nodes through all of its epochs. */
class Economy {
  readonly #cell: Cell;
  readonly #mesh: SimMesh;
  readonly #nodes: Nodes;
  readonly #audits: Audits;
  readonly #random: () => number;
  readonly #tally: Tally;
  readonly #bond: number;
  readonly #pace: number;
  readonly #profile = toHex(PROFILE);

  constructor(cell: Cell) {
    const { terms, bond } = termsOf(cell);
    this.#cell = cell;
    this.#bond = bond;
    this.#pace = paceOf(cell);
    this.#random = randomOf(cell.seed);
    const epochs = SETUP + cell.epochs + DRAIN + 4;
    this.#mesh = new SimMesh({ terms, rules: rulesOf(), epochs });
    this.#nodes = new Nodes(this.#mesh, cell.strategy);
    this.#audits = new Audits(this.#mesh, this.#nodes.parties, this.#nodes.manners);
    this.#tally = new Tally((key) => this.#nodes.byKey.get(key)?.isOperator === true);
  }

  async run(): Promise<Outcome> {
    const { strategy, nodes: count, epochs, rate } = this.#cell;
    const nodes = this.#nodes, mesh = this.#mesh;
    const operators = strategy === null ? 0 : operatorsOf(count, strategy.share);
    for (let i = 0; i < count; i++) {
      const isOperator = i < operators, bonds = !isOperator || strategy?.rotates === undefined;
      nodes.join(
        mesh.party('node', i),
        isOperator,
        20 + 60 * this.#random(),
        bonds ? this.#bond : 0,
      );
    }
    await this.#pass(SETUP);
    if (rate < 1) mature(mesh, [...nodes.byKey.keys()], rate, rulesOf().auditRamp);
    const start = new Map([...nodes.byKey.keys()].map((key) => [key, nodes.worth(key)]));
    let late = { read: 0, work: 0 };
    for (let epoch = 0; epoch < epochs; epoch++) {
      if (epoch === Math.floor(0.75 * epochs)) {
        late = { read: this.#audits.total, work: this.#tally.work };
      }
      if (strategy?.rotates !== undefined && epoch > 0 && epoch % strategy.rotates === 0) {
        nodes.rotate(epoch);
      }
      if (strategy?.leaves !== undefined && epoch / epochs >= strategy.leaves) nodes.leave();
      this.#work(epoch / epochs);
      await this.#pass(1);
    }
    await this.#pass(DRAIN);
    const gained = ({ party: { hex }, energy, value }: Node) => {
      const audits = (this.#audits.read.get(hex) ?? 0) * REFERENCE * AUDIT;
      return nodes.worth(hex) - (start.get(hex) ?? 0) + value - energy - audits;
    };
    const all = [...nodes.byKey.values()], profit: Record<number, number> = {};
    for (const { share } of strategy === null ? STRATEGIES : [strategy]) {
      const of = operatorsOf(count, share);
      // Where nobody is an operator those count who would be it.
      const those = strategy === null ? all.slice(0, of) : nodes.operators;
      profit[share] = those.reduce((sum, one) => sum + gained(one), 0) / Math.max(1, of);
    }
    const tally = this.#tally, cost = REFERENCE * AUDIT;
    return {
      profit,
      slashes: tally.slashes,
      falseSlashes: tally.falseSlashes,
      honestLoss: tally.lost / Math.max(1, tally.earned),
      auditShare: this.#audits.total * cost / tally.work,
      auditShareLate: (this.#audits.total - late.read) * cost / Math.max(1, tally.work - late.work),
      bytesPerJob: mesh.bytes / this.#cell.jobs,
      entries: mesh.entries,
    };
  }

  async #pass(cuts: number): Promise<void> {
    for (let i = 0; i < cuts; i++) {
      const passed: Passed = await this.#mesh.cut();
      this.#audits.take(passed.trust);
      this.#tally.take(passed);
    }
  }

  /** The jobs of one epoch. @param done part of the run */
  #work(done: number): void {
    const { jobs, epochs, strategy } = this.#cell;
    const { active, byKey } = this.#nodes;
    const ledger = this.#mesh.fold.ledger!;
    const price = ledger.priceOf(this.#profile)!.output;
    const offer = { priceCap: capOf(price), promptTokens: PROMPT_TOKENS, resumeAt: 0 };
    const most = escrowFor({ ...offer, maxTokens: MAX_TOKENS }, COEFFICIENTS);
    for (let i = 0; i < jobs / epochs; i++) {
      const requester = active[Math.floor(this.#random() * active.length)]!;
      // Who cannot pay is refused before any work.
      if (!ledger.quote(requester.party.hex, most).ok) continue;
      const executor = this.#route(requester, price);
      if (executor !== null) this.#give(requester, byKey.get(executor)!, price, done);
    }
    const ring = active.filter(({ isOperator }) => isOperator);
    for (let i = 0; i < ring.length * (strategy?.selfDeals ?? 0); i++) {
      const requester = ring[i % ring.length]!, worth = requester.value;
      this.#give(requester, ring[(i + 1) % ring.length]!, price, done);
      // Nobody wanted to know, and the answer was kept from last time.
      requester.value = worth;
    }
  }

  /** Whom the router of nodes chooses. */
  #route(requester: Node, price: number): Hex | null {
    const { active } = this.#nodes;
    const sample = new Set<Node>();
    for (let i = 0; i < SAMPLE; i++) {
      sample.add(active[Math.floor(this.#random() * active.length)]!);
    }
    sample.delete(requester);
    const candidates = [...sample]
      .filter(({ party: { hex } }) => !this.#tally.proven.has(hex))
      .map((node) => this.#nodes.candidate(node, price));
    const first = rank(candidates, {
      profile: PROFILE,
      promptTokens: PROMPT_TOKENS,
      maxTokens: MAX_TOKENS,
      priceCap: price,
      where: 'mesh',
      version: 2,
      excluded: new Map(),
      class: null,
    }, this.#random).order[0];
    return first === undefined ? null : toHex(first.candidate.executor);
  }

  #give(requester: Node, executor: Node, price: number, done: number): void {
    const { strategy } = this.#cell, random = this.#random;
    const drawn = random();
    const isCheated = executor.isOperator && drawn < (strategy?.cheats?.(done) ?? 0);
    const silent = requester.isOperator && strategy?.silent === true;
    const tokens = Math.min(MAX_TOKENS, Math.ceil(-TOKENS * Math.log(1 - random())));
    const parties = { requester: requester.party, executor: executor.party };
    const job = writeJob(this.#mesh, {
      ...parties,
      tokens,
      price,
      cap: capOf(price),
      coefficients: COEFFICIENTS,
      msPerToken: this.#pace,
      silent,
    });
    this.#audits.answered(job.subject, {
      job: job.job,
      executor: executor.party.hex,
      seen: this.#see(isCheated),
    });
    const energy = attemptCost(COEFFICIENTS.output, COEFFICIENTS, PROMPT_TOKENS, job.tokens);
    const isCopy = executor.isOperator && requester.isOperator && strategy?.selfDeals !== undefined;
    executor.energy += isCopy ? 0 : energy * (isCheated ? CHEATED : HONEST);
    // An answer is worth what it costs: who pays for it gains nothing by that.
    requester.value += job.asked;
    this.#tally.work += energy * HONEST;
  }

  /** What auditors will see. */
  #see(isCheated: boolean): Seen {
    const random = this.#random, of = isCheated ? ANSWERS.cheated : ANSWERS.honest;
    const seen = of[Math.floor(random() * of.length)]!;
    return isCheated || random() >= FALSE_TRIGGERS ? seen : { ...seen, found: true };
  }
}

/** What a careful requester pays at most: the band in which executors may ask. */
function capOf(price: number): number {
  return price + mulPpm(price, 250_000);
}

/** Runs one history. Deterministic. */
export function run(cell: Cell): Promise<Outcome> {
  return new Economy(cell).run();
}
