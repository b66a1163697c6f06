// Corestore has no types.
// deno-lint-ignore-file no-explicit-any
import { createPrivateKey, createPublicKey, sign as signEd25519 } from 'node:crypto';
import { concatBytes, fromHex, toHex } from '../../feeds/base/mod.ts';
import { SEATS_LAG } from '../../feeds/agreement/mod.ts';
import { TreeHasher } from '../../feeds/proof/mod.ts';
import type { EvidenceLog } from '../../feeds/evidence/mod.ts';
import {
  cutHash,
  type CutHead,
  isSigned,
  type LogName,
  type LogRecord,
  type Seat,
  signingBody,
} from '../../feeds/records/mod.ts';
import { defaultRules, type NetworkFile, networkId } from '../../node/network/mod.ts';
import { tableFacts } from '../../node/calibration/mod.ts';
import { bytes32, type CutSpan, type Notary, type Party, RULES, World } from '../trust/world.ts';
import { headOf } from '../proof/cores.ts';

const PKCS8 = fromHex('302e020100300506032b657004220420');

/** Ed25519 keys by name, made at once. */
function keysOf(name: string) {
  const der = concatBytes(PKCS8, bytes32('seed', name));
  const key = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return { key, publicKey: new Uint8Array(spki.subarray(-32)) };
}

const LOGS: readonly LogName[] = ['jobs', 'artifacts', 'attestations'];

function inOrder(parties: readonly Party[]): Party[] {
  return [...parties].sort((a, b) => a.hex < b.hex ? -1 : 1);
}

function seatsOf(parties: readonly Party[]): Seat[] {
  return inOrder(parties).map(({ key }) => ({ key, weight: 1 }));
}

/** A mesh with real keys, real cores and cuts that its witnesses voted for. */
export class RealMesh implements Notary {
  readonly file: NetworkFile;
  readonly network: Uint8Array;
  readonly options: Notary['options'];
  readonly #keys = new Map<string, ReturnType<typeof keysOf>>();
  readonly #byKey = new Map<string, string>();
  readonly #cores: Map<string, any>;
  readonly #trees = new Map<string, TreeHasher>();
  /** From two cuts after that of an epoch on, these alone certify. */
  handover: { epoch: number; to: readonly Party[] } | null = null;

  private constructor(names: readonly string[], cores: Map<string, any>) {
    for (const name of names) {
      const keys = keysOf(name);
      this.#keys.set(name, keys);
      this.#byKey.set(toHex(keys.publicKey), name);
    }
    this.#cores = cores;
    const witnesses = names.filter((name) => name.startsWith('witness'))
      .map((name) => ({ key: this.keyOf(name), weight: 1 }));
    const rules = { ...defaultRules(), ...RULES };
    this.file = {
      name: 'test',
      kind: 'open',
      rules,
      models: [],
      owner: null,
      witnesses,
      ledger: null,
      circuits: null,
    };
    this.network = networkId(this.file);
    this.options = { readCalibration: (table) => tableFacts(table, rules.alpha) };
  }

  /** @param names everybody who will have logs */
  static async of(store: any, names: readonly string[]): Promise<RealMesh> {
    const cores = new Map<string, any>();
    await Promise.all(names.flatMap((name) =>
      LOGS.map(async (log) => {
        const core = store.get({ name: `${name} ${log}` });
        await core.ready();
        cores.set(`${name} ${log}`, core);
      })
    ));
    return new RealMesh(names, cores);
  }

  keyOf(name: string): Uint8Array {
    return this.#keys.get(name)!.publicKey;
  }

  coresOf(name: string): Record<LogName, Uint8Array> {
    const of = (log: LogName) => Uint8Array.from(this.#cores.get(`${name} ${log}`).key);
    return { jobs: of('jobs'), artifacts: of('artifacts'), attestations: of('attestations') };
  }

  sign<T extends LogRecord>(record: T): T {
    if (!isSigned(record)) return record;
    const signer = 'publicKey' in record
      ? record.publicKey
      : 'witness' in record
      ? record.witness
      : record.type === 'job'
      ? record.requester
      : record.executor;
    const { key } = this.#keys.get(this.#byKey.get(toHex(signer))!)!;
    const signature = new Uint8Array(signEd25519(null, signingBody(record), key));
    return { ...record, signature };
  }

  /** Proposal, prevotes and precommits, in the witnesses' logs. */
  certify(
    world: World,
    { epoch, previous, spans }: { epoch: number; previous: Uint8Array; spans: CutSpan[] },
  ) {
    const heads: CutHead[] = spans.map(({ core, to }) => ({
      core,
      length: to,
      treeHash: this.#treeHash(world, core, to),
    })).sort((a, b) => toHex(a.core) < toHex(b.core) ? -1 : 1);
    const { network } = this;
    const { handover } = this;
    const seats = handover?.epoch === epoch ? seatsOf(handover.to) : null;
    const hash = cutHash({ network, epoch, previous, heads, seats });
    const isOver = handover !== null && epoch >= handover.epoch + SEATS_LAG;
    const inTurn = inOrder(isOver ? handover.to : world.witnesses);
    const proposer = inTurn[epoch % inTurn.length]!;
    const common = { network, epoch, round: 0, signature: new Uint8Array(64) };
    const say = (party: typeof proposer, record: LogRecord) =>
      world.append(party, 'attestations', this.sign(record));
    say(proposer, {
      type: 'proposal',
      ...common,
      previous,
      heads,
      validRound: null,
      seats,
      witness: proposer.key,
    });
    for (const step of ['prevote', 'precommit'] as const) {
      for (const party of inTurn) {
        say(party, { type: 'vote', ...common, step, cut: hash, witness: party.key });
      }
    }
    return { hash, seats, electorate: seatsOf(inTurn) };
  }

  /** The logs as a node that has all of them reads them. */
  async logs(world: World): Promise<EvidenceLog[]> {
    const found: EvidenceLog[] = [];
    for (const core of this.#cores.values()) {
      const key = Uint8Array.from(core.key);
      const blocks = world.logs.get(toHex(key))?.blocks ?? [];
      if (blocks.length === 0) continue;
      await core.append(blocks.slice(core.length));
      found.push({ key, head: await headOf(core), blocks: [...blocks] });
    }
    return found;
  }

  #treeHash(world: World, core: Uint8Array, length: number): Uint8Array {
    const name = toHex(core);
    const tree = this.#trees.get(name) ?? new TreeHasher();
    this.#trees.set(name, tree);
    const { blocks } = world.logs.get(name)!;
    while (tree.length < length) tree.push(blocks[tree.length]!);
    return tree.hash;
  }
}
