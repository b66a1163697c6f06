import type { Hex } from '../../feeds/trust/mod.ts';
import type { Candidate } from '../../node/router/mod.ts';
import type { Manner } from './auditing.ts';
import {
  AUDITOR_CLASS,
  EXECUTOR_CLASS,
  NETWORK,
  type Party,
  PROFILE,
  SimMesh,
  ZEROS,
} from './mesh.ts';
import type { Strategy } from './strategies.ts';
import { COEFFICIENTS, SLOTS } from './terms.ts';

/** One machine: requester, executor and auditor in one. */
export interface Node {
  party: Party;
  isOperator: boolean;
  tokensPerSecond: number;
  /** What its answers took, and what the answers that it got are worth, micro-NCU. */
  energy: number;
  value: number;
}

/** Everybody. */
export class Nodes {
  readonly byKey = new Map<Hex, Node>();
  readonly parties = new Map<Hex, Party>();
  readonly manners = new Map<Hex, Manner>();
  /** Those that still work. */
  active: Node[] = [];
  readonly #mesh: SimMesh;
  readonly #strategy: Strategy | null;
  readonly #own = new Set<Hex>();
  /** As the router sees them since the last cut: between two cuts the ledger stays as it is. */
  readonly #seen = new Map<Node, Candidate>();
  #epoch = -1;

  constructor(mesh: SimMesh, strategy: Strategy | null) {
    this.#mesh = mesh;
    this.#strategy = strategy;
  }

  get operators(): Node[] {
    return [...this.byKey.values()].filter(({ isOperator }) => isOperator);
  }

  join(party: Party, isOperator: boolean, tokensPerSecond: number, bond: number): void {
    const mesh = this.#mesh, { hex } = party, at = mesh.epoch + 1;
    const node = { party, isOperator, tokensPerSecond, energy: 0, value: 0 };
    this.byKey.set(hex, node);
    this.parties.set(hex, party);
    this.active.push(node);
    if (isOperator) this.#own.add(hex);
    const manner = isOperator ? this.#strategy?.audits?.(this.#own) : undefined;
    if (manner !== undefined) this.manners.set(hex, manner);
    mesh.append(party, 'attestations', {
      type: 'auditor',
      network: NETWORK,
      offerings: [{ profile: PROFILE, class: AUDITOR_CLASS }],
      at,
    });
    mesh.append(party, 'artifacts', {
      type: 'capability',
      offerings: [{
        profile: PROFILE,
        name: 'model',
        price: COEFFICIENTS.output,
        class: EXECUTOR_CLASS,
      }],
      slots: SLOTS,
      maxTokens: 4096,
      hardware: '',
      at,
    });
    if (bond > 0) {
      mesh.append(party, 'artifacts', { type: 'bond', network: NETWORK, amount: bond, at });
    }
  }

  /** The operator throws its keys away, and comes back under new ones. */
  rotate(name: number): void {
    const old = this.active.filter(({ isOperator }) => isOperator);
    this.active = this.active.filter(({ isOperator }) => !isOperator);
    old.forEach(({ tokensPerSecond }, i) =>
      this.join(this.#mesh.party('new', name, i), true, tokensPerSecond, 0)
    );
  }

  /** The operator asks for all of its bonds back; what is refused is asked for again later. */
  leave(): void {
    const mesh = this.#mesh;
    for (const { party, isOperator } of this.active) {
      const account = isOperator ? mesh.fold.ledger!.account(party.hex) : null;
      if (account === null) continue;
      const leaving = account.unbonding.reduce((sum, { amount }) => sum + amount, 0);
      const amount = account.bonded - leaving - account.owed;
      if (amount <= 0) continue;
      mesh.append(party, 'artifacts', { type: 'unbond', network: NETWORK, amount, at: mesh.epoch });
    }
  }

  /** All that an account holds, less what it owes. */
  worth(key: Hex): number {
    const account = this.#mesh.fold.ledger!.account(key);
    if (account === null) return 0;
    const { available, escrow, pending, bonded, owed } = account;
    return available + escrow + pending + bonded - owed;
  }

  /** As the router sees it. @param price of this epoch */
  candidate(node: Node, price: number): Candidate {
    if (this.#epoch !== this.#mesh.epoch) this.#seen.clear();
    this.#epoch = this.#mesh.epoch;
    const known = this.#seen.get(node);
    if (known !== undefined) return known;
    const seen = this.#look(node, price);
    this.#seen.set(node, seen);
    return seen;
  }

  #look({ party, tokensPerSecond }: Node, price: number): Candidate {
    const ledger = this.#mesh.fold.ledger!;
    const account = ledger.account(party.hex);
    return {
      executor: party.key,
      profile: PROFILE,
      class: ZEROS,
      price,
      rttMs: 40,
      load: { active: 0, queued: 0, slots: SLOTS },
      warm: true,
      tokensPerSecond,
      firstTokenMs: 200,
      failures: 0,
      prefixAffinity: 0,
      isLocal: false,
      versions: [2],
      banned: account?.status === 'banned',
      standing: {
        reputation: (account?.reputation ?? 0) / 1e6,
        covered: ledger.exposure(party.hex).covered,
      },
    };
  }
}
