import {
  candidateWords,
  type CircuitInput,
  contextOf,
  epochTotalInput,
  numberOf,
  SAMPLE_CANDIDATES,
  SAMPLE_POSITIONS,
  sampleInput,
  standingInput,
  type Statement,
} from '../circuits/mod.ts';
import { toHex } from '../feeds/base/mod.ts';
import { type Account, FieldAccounts, fieldReceipts, type Payment } from '../feeds/ledger/mod.ts';
import { loadPoseidon } from '../node/poseidon/mod.ts';

const fill = (byte: number) => new Uint8Array(32).fill(byte);
const hex = (byte: number) => byte.toString(16).padStart(2, '0').repeat(32);

/** Inputs of a statement that holds: made up, for how long a proof takes does not hang on them. */
export async function inputsOf(statement: Statement): Promise<CircuitInput> {
  if (statement === 'sample') return await sampleInputs(SAMPLE_POSITIONS);
  return await (statement === 'standing' ? standingInputs() : totalInputs());
}

/** Five positions whose tokens are the likeliest ones, without noise. */
export async function sampleInputs(places: number): Promise<CircuitInput> {
  const poseidon = await loadPoseidon();
  const ids = Array.from({ length: SAMPLE_CANDIDATES }, (_, i) => 1500 * i);
  const z = ids.map((_, i) => 0 - 300 * i), salt = 7n;
  const words = candidateWords(ids, z)!;
  const leaf = numberOf(poseidon.toBytes(poseidon.hash([salt, ...words])));
  const position = { ids, noise: ids.map(() => 0), token: 0, leaf };
  return sampleInput(
    {
      context: contextOf('sample', fill(1)),
      positions: Array.from({ length: places }, () => position),
    },
    Array.from({ length: places }, () => ({ z, salt })),
    places,
  );
}

async function standingInputs(): Promise<CircuitInput> {
  const poseidon = await loadPoseidon();
  const secret = 5n;
  const account: Account = {
    key: hex(7),
    available: 0,
    escrow: 0,
    pending: 0,
    bonded: 10_000_000,
    unbonding: [],
    owed: 0,
    reputation: 900_000,
    violations: 0,
    status: 'active',
    verified: 0,
    failed: 0,
    served: 0,
    earned: 0,
    spent: 0,
    secret: toHex(poseidon.toBytes(poseidon.hash([secret]))),
  };
  const tree = new FieldAccounts(poseidon, [account]);
  const statement = {
    network: fill(1),
    epoch: 3,
    accounts: tree.root(),
    reputation: 500_000,
    bond: 1_000_000,
    challenge: fill(2),
  };
  return standingInput(statement, tree.path(account.key)!, secret);
}

async function totalInputs(): Promise<CircuitInput> {
  const payments = Array.from({ length: 32 }, (_, i): Payment => ({
    job: hex(i + 1),
    attempt: 0,
    requester: hex(200),
    executor: hex(7),
    profile: hex(9),
    promptTokens: 10,
    tokens: 10,
    gross: 1000 + i,
    fee: 0,
    net: 1000 + i,
    epoch: 3,
    free: 5,
  }));
  const { batches } = fieldReceipts(await loadPoseidon(), hex(7), 3, payments);
  const [batch] = batches;
  const statement = {
    network: fill(1),
    epoch: 3,
    account: fill(7),
    batch: 0,
    batches: 1,
    root: batch!.root,
    total: payments.reduce((sum, { net }) => sum + net, 0),
  };
  return epochTotalInput(statement, batch!);
}
