import { readFile } from 'node:fs/promises';
import {
  type CircuitInput,
  epochTotalInput,
  standingInput,
  type Statement,
} from '../../circuits/mod.ts';
import { fromHex, toHex } from '../../feeds/base/mod.ts';
import {
  type Account,
  FieldAccounts,
  type FieldHash,
  fieldReceipts,
  type Payment,
} from '../../feeds/ledger/mod.ts';
import { accountOf, keyOf, NETWORK } from '../ledger/accounts.ts';
import { randomElements } from './cheating.ts';
import { checkerOf } from './witness.ts';

/** Works out the signals of a statement from inputs; throws where a constraint does not hold. */
export type Checker = (input: CircuitInput) => Promise<void>;

/** That of the program which makes the witnesses of a statement's key. */
export async function programOf(statement: Statement): Promise<Checker> {
  const url = new URL(`../../circuits/keys/${statement}.wasm`, import.meta.url);
  return await checkerOf(new Uint8Array(await readFile(url)));
}

/** True where the circuit takes the inputs. */
export async function takes(program: Checker, input: CircuitInput): Promise<boolean> {
  try {
    await program(input);
    return true;
  } catch {
    return false;
  }
}

const EXECUTOR = keyOf(2);
const EPOCH = 4;
/** All payments of a network together stay below it. */
const MOST = 2n ** 52n;

/** Receipts of one account, some of them huge or nothing; the reference's batches as inputs. */
export function* totalCases<E>(field: FieldHash<E>, seed: number): Generator<CircuitInput> {
  const random = randomElements(seed);
  for (;;) {
    const count = 1 + Number(random() % 40n);
    const size = [10n, 100_000n, MOST / 64n][Number(random() % 3n)]!;
    const payments = Array.from({ length: count }, (): Payment => ({
      job: random().toString(16).padStart(64, '0').slice(-64),
      attempt: Number(random() % 65_536n),
      requester: keyOf(1),
      executor: EXECUTOR,
      profile: keyOf(3),
      promptTokens: 1,
      tokens: 1,
      gross: 1,
      fee: 1,
      net: Number(random() % size),
      epoch: EPOCH,
      free: 44,
    }));
    const { batches, total } = fieldReceipts(field, EXECUTOR, EPOCH, payments);
    let sum = 0;
    for (const [batch, one] of batches.entries()) {
      const own = Number(one.receipts.reduce((all, [amount]) => all + amount, 0n));
      sum += own;
      yield epochTotalInput({
        network: NETWORK,
        epoch: EPOCH,
        account: fromHex(EXECUTOR, 32),
        batch,
        batches: batches.length,
        root: one.root,
        total: own,
      }, one);
    }
    if (sum !== total) throw new Error('the batches do not sum to the total');
  }
}

/** Accounts of a ledger, each with bounds that it just meets, or clearly. */
export function* standingCases<E>(field: FieldHash<E>, seed: number): Generator<CircuitInput> {
  const random = randomElements(seed);
  for (;;) {
    const secrets = Array.from({ length: 1 + Number(random() % 9n) }, () => random() % 2n ** 248n);
    const accounts = secrets.map((secret, n): Account => ({
      ...accountOf(keyOf(n), {
        available: Number(random() % MOST),
        owed: Number(random() % MOST),
        bonded: [0, Number(random() % MOST), 2 ** 53 - 1][n % 3]!,
        reputation: [0, Number(random() % 1_000_001n), 1_000_000][n % 3]!,
      }),
      secret: toHex(field.toBytes(field.hash([secret]))),
    }));
    const tree = new FieldAccounts(field, accounts);
    for (const [n, { key, reputation, bonded }] of accounts.entries()) {
      const isEdge = random() % 2n === 0n;
      const statement = {
        network: NETWORK,
        epoch: EPOCH,
        accounts: tree.root(),
        reputation: isEdge ? reputation : reputation >> 1,
        bond: isEdge ? bonded : Math.floor(bonded / 3),
        challenge: field.toBytes(field.hash([random()])),
      };
      yield standingInput(statement, tree.path(key)!, secrets[n]!);
    }
  }
}

/** What a circuit must not take: the same with one public input changed. */
export function* spoilt(input: CircuitInput, names: readonly string[]): Generator<CircuitInput> {
  for (const name of names) yield { ...input, [name]: (input[name] as bigint) + 1n };
}

/**
 * Cases that a circuit and its reference see differently: an honest one that is refused, or a spoilt
 * one, of every tenth, that is taken.
 * @param names inputs that are spoilt
 */
export async function disagreements(
  program: Checker,
  cases: Iterable<CircuitInput>,
  count: number,
  names: readonly string[],
): Promise<number[]> {
  const wrong: number[] = [];
  let i = 0;
  for (const input of cases) {
    if (i++ === count) break;
    if (!await takes(program, input)) wrong.push(i);
    if (i % 10 !== 0) continue;
    for (const other of spoilt(input, names)) if (await takes(program, other)) wrong.push(i);
  }
  return wrong;
}
