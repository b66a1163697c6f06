import { randomBytes } from 'node:crypto';
import { KeyRing } from '../../circuits/mod.ts';
import { fromHex, NexusError, parseNcu, toHex } from '../../feeds/base/mod.ts';
import type { LedgerView } from '../../feeds/ledger/mod.ts';
import type { NexusNode } from '../daemon/mod.ts';
import type { GatewayAdmission, KeyLimits } from '../gateway/mod.ts';
import { admittedKey, demandRoomForAdmitted, limitsOf } from '../keys/mod.ts';
import { AdmissionDesk, parseStanding, sealText, type VerifyProof } from '../proofs/mod.ts';
import { isForgeable, ProverProcess } from '../prover/mod.ts';

/** Whom a gateway admits, and to what. */
export interface AdmissionTerms {
  /** Parts in a million. */
  reputation: number;
  /** micro-NCU. */
  bond: number;
  /** How many cuts old a root may be. */
  cuts: number;
  hours: number;
  /** Admitted at once. */
  most: number;
  limits: KeyLimits;
  /** Takes proofs that anybody may have forged. */
  insecure: boolean;
}

/** What can be said, each with an example. */
const WORDS: Readonly<Record<string, string>> = {
  reputation: '0.6',
  bond: '10',
  cuts: '8',
  hours: '24',
  most: '100',
  requests: '20',
  tokens: '10000',
  streams: '2',
  ncu: '2.5',
  insecure: '1',
};

/**
 * Reads the setting: at least a reputation or a bond; whoever is admitted has a key for a day, that
 * asks twenty times a minute.
 * @throws {NexusError} `ADMIT_INVALID`
 */
export function admissionFrom(list: readonly string[]): AdmissionTerms {
  const given = new Map<string, string>();
  for (const one of list) {
    const [, name = '', value = ''] = /^([a-z]+)=([0-9.]+)$/.exec(one.trim()) ?? [];
    if (!Object.hasOwn(WORDS, name) || given.has(name)) throw bad(one);
    given.set(name, value);
  }
  const number = (name: string, otherwise: number, most: number, least = 1): number => {
    const text = given.get(name);
    if (text === undefined) return otherwise;
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw bad(`${name}=${text}`);
  };
  const amount = (name: string): number | undefined => {
    const text = given.get(name);
    const value = text === undefined ? undefined : parseNcu(text);
    if (value === null) throw bad(`${name}=${text}`);
    return value;
  };
  const reputation = Math.round(Number(given.get('reputation') ?? 0) * 1e6);
  if (!(reputation >= 0 && reputation <= 1e6)) throw bad(`reputation=${given.get('reputation')}`);
  const bond = amount('bond') ?? 0;
  if (reputation === 0 && bond === 0) throw bad(list.join(' '));
  return {
    reputation,
    bond,
    cuts: number('cuts', 8, 10_000),
    hours: number('hours', 24, 24 * 365),
    most: number('most', 100, 900),
    limits: limitsOf({
      requestsPerMinute: number('requests', 20, 1_000_000),
      tokensPerMinute: given.has('tokens') ? number('tokens', 1, 1_000_000_000) : undefined,
      concurrent: number('streams', 2, 10_000),
      ncuPerDay: amount('ncu'),
    }),
    insecure: number('insecure', 0, 1, 0) === 1,
  };
}

/**
 * Admits on a proof of a standing in the node's network. Proofs are checked in a process of their own:
 * whoever asks needs no key, and the node has prompts to answer meanwhile.
 * @param prover ends with what is returned
 * @throws {NexusError} `ADMIT_NO_LEDGER`, `KEY_UNKNOWN`, `KEY_INSECURE`: anybody could forge what it asks for
 */
export async function admissionOf(
  node: NexusNode,
  { reputation, bond, cuts, hours, most, limits, insecure }: AdmissionTerms,
  prover: Pick<ProverProcess, 'verify' | typeof Symbol.asyncDispose> = new ProverProcess(
    node.options.network.keyFolder,
  ),
): Promise<GatewayAdmission & AsyncDisposable> {
  const { network: { file, id, keyFolder, name }, home } = node.options;
  if (file.ledger === null) {
    throw new NexusError('ADMIT_NO_LEDGER', `${name} has no ledger that a standing could be in`, {
      hint: 'leave --admit out and make keys (nexus keys add), or choose a network with money',
    });
  }
  const keys = new KeyRing(keyFolder), terms = file.circuits;
  const key = await keys.demand('standing', terms?.keys.standing);
  if (!insecure && isForgeable('standing', key, terms)) {
    throw new NexusError('KEY_INSECURE', `anybody could forge a standing in ${name}`, {
      hint:
        'its file vouches for no key of standing (docs/ceremony.md); to try it: --admit insecure=1',
    });
  }
  const { signal } = new AbortController();
  const verify: VerifyProof = (statement, publics, proof, { hash }) =>
    prover.verify(statement, hash, publics, proof, signal);
  const rule = {
    network: id,
    reputation,
    bond,
    cuts,
    terms,
    keys,
    verify,
    allowInsecure: insecure,
  };
  const verifier = fromHex(node.key, 32);
  const desk = new AdmissionDesk({
    rule,
    verifier,
    secret: randomBytes(32),
    ledger: rootsOf(() => node.ledger?.fold ?? null),
    now: Date.now,
    room: () => demandRoomForAdmitted(home.paths.keys, most, Date.now()),
  });
  const wish = { limits, most, lifeMs: hours * 3_600_000 };
  return {
    challenge(applicant) {
      const { nonce, challenge, expires } = desk.challenge(applicant);
      return {
        network: toHex(id),
        verifier: node.key,
        applicant: toHex(applicant),
        nonce: toHex(nonce),
        challenge: toHex(challenge),
        expires,
        reputation,
        bond,
        cuts,
      };
    },
    async admit(applicant, expires, proof) {
      await desk.admit({ applicant, expires, file: parseStanding(proof) });
      const made = await admittedKey(home.paths.keys, wish, randomBytes(36), Date.now());
      const sealed = toHex(sealText(made.secret, applicant, randomBytes(32)));
      return { id: made.key.id, expires: made.key.expires!, limits, sealed };
    },
    [Symbol.asyncDispose]: () => prover[Symbol.asyncDispose](),
  };
}

/** Of the ledger, what tells which roots are certified. */
type Roots = Pick<LedgerView, 'epoch' | 'fields'>;

/** What a desk asks of the ledger. A view copies all accounts: that is done once a cut, not for everybody. */
export function rootsOf(
  folded: () => { epoch: number | null; view(): Roots } | null,
): () => Roots | null {
  let of: ReturnType<typeof folded> = null, known: Roots | null = null;
  return () => {
    const fold = folded();
    if (fold === null) return null;
    if (known === null || fold !== of || fold.epoch !== known.epoch) {
      const { epoch, fields } = fold.view();
      [of, known] = [fold, { epoch, fields }];
    }
    return known;
  };
}

function bad(text: string): NexusError {
  const words = Object.entries(WORDS).map(([name, value]) => `${name}=${value}`).join(' ');
  return new NexusError('ADMIT_INVALID', `${JSON.stringify(text.slice(0, 80))} admits nobody`, {
    hint: `--admit takes, each once, a reputation or a bond and what else is wished of: ${words}`,
  });
}
