import { FIELD } from '../../circuits/mod.ts';
import type { FieldHash } from '../../feeds/ledger/mod.ts';
import { Cheating, looseBits, randomElements } from './cheating.ts';
import type { Cheat } from './total_cheats.ts';

const SOURCE = 'circuits/src/standing.circom';
const MAIN = 'Standing(20, 20, 53)';

/** How large the circuit is that is tried. */
export interface StandingSize {
  depth: number;
  reputationBits: number;
  bondBits: number;
}

export const REAL_STANDING: StandingSize = { depth: 20, reputationBits: 20, bondBits: 53 };
/** The same, smaller: it is compiled in seconds. */
export const SMALL_STANDING: StandingSize = { depth: 3, reputationBits: 6, bondBits: 8 };

/** The circuit and its program for cheats. */
export function standingCheating(size: StandingSize, level: 'O1' | 'O2') {
  const { depth, reputationBits, bondBits } = size;
  return Cheating.of(
    SOURCE,
    (text) => text.replace(MAIN, `Standing(${depth}, ${reputationBits}, ${bondBits})`),
    (text) =>
      looseBits(text)
        .replace('place[i] * (place[i] - 1) === 0;', '')
        .replace('root === node[depth];', ''),
    level,
  );
}

const numberOf = (bytes: Uint8Array) => bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);

/** What an account has in a made-up tree. */
export interface Standing {
  secret: bigint;
  reputation: bigint;
  bonded: bigint;
  leastReputation: bigint;
  leastBond: bigint;
}

/** Inputs of an account that stands so, with the root that they lead to. */
export function standingInputs<E>(
  field: FieldHash<E>,
  { depth }: StandingSize,
  standing: Standing,
  seed = 1,
) {
  const random = randomElements(seed);
  const { secret, reputation, bonded } = standing;
  const [available, owed, ...key] = [random(), random(), random(), random()];
  const leaf = [field.hash([secret]), reputation, bonded, available!, owed!, ...key];
  const place = Array.from({ length: depth }, () => random() % 2n);
  const siblings = place.map(() => random());
  let node = field.hash(leaf);
  for (const [level, side] of place.entries()) {
    const sibling = siblings[level]!;
    node = field.hash(side === 1n ? [sibling, node] : [node, sibling]);
  }
  return {
    root: numberOf(field.toBytes(node)),
    context: random(),
    ...standing,
    available: available!,
    owed: owed!,
    key,
    place,
    siblings,
  };
}

/** An account that is as good as what is asked, at an edge or above it. */
export function honestStanding(size: StandingSize, seed: number): Standing {
  const random = randomElements(seed);
  const mostReputation = 2n ** BigInt(size.reputationBits) - 1n;
  const mostBond = 2n ** BigInt(size.bondBits) - 1n;
  const reputation = seed % 3 === 0 ? mostReputation : random() % (mostReputation + 1n);
  const bonded = seed % 3 === 1 ? mostBond : random() % (mostBond + 1n);
  return {
    secret: random(),
    reputation,
    bonded,
    leastReputation: seed % 2 === 0 ? reputation : random() % (reputation + 1n),
    leastBond: seed % 2 === 1 ? bonded : random() % (bonded + 1n),
  };
}

/** One for each group of constraints at least, each breaking only that one. */
export function standingCheats<E>(field: FieldHash<E>, size: StandingSize): Cheat[] {
  const good: Standing = {
    secret: 12_345n,
    reputation: 40n,
    bonded: 100n,
    leastReputation: 30n,
    leastBond: 100n,
  };
  const inputs = (change: Partial<Standing> = {}) =>
    standingInputs(field, size, { ...good, ...change });
  const input = inputs();
  const more = (name: string) => ({ get, set }: Changing) => set(name, get(name) + 1n);
  const reputation = /main\.(leastReputationRange|reputation(Range|Above))\.out/;
  const bond = /main\.(leastBondRange|bond(Range|Above))\.out/;
  const [beyondReputation, beyondBond] = [size.reputationBits, size.bondBits]
    .map((bits) => 2n ** BigInt(bits)) as [bigint, bigint];
  return [
    {
      name: 'owner: another secret',
      blames: /main\.(secret|owner)/,
      input,
      change: more('secret'),
    },
    ...['available', 'owed', 'key[0]', 'key[1]'].map((name) => ({
      name: `leaf: another ${name} than the one that is hashed`,
      blames: /main\.(leaf\.|available|owed|key)/,
      input,
      change: more(name),
    })),
    {
      name: 'leaf: more reputation, and bits that fit it',
      blames: /main\.root/,
      input: { ...input, reputation: 50n, leastReputation: 50n },
    },
    {
      name: 'place: a side between both',
      blames: /main\.place/,
      input: { ...input, place: [2n, ...input.place.slice(1)] },
      change: ({ get, set }: Changing) => {
        const root = get(`step[${size.depth - 1}].out`);
        set('root', root);
        set('bound', get('context') * root);
      },
    },
    { name: 'path: another root', blames: /main\.root/, input: { ...input, root: 1n } },
    {
      name: 'path: another place',
      blames: /main\.root/,
      input: { ...input, place: [1n - input.place[0]!, ...input.place.slice(1)] },
    },
    {
      name: 'path: another sibling',
      blames: /main\.root/,
      input: { ...input, siblings: [...input.siblings.slice(0, -1), 5n] },
    },
    {
      name: 'reputation: one too little',
      blames: reputation,
      input: inputs({ leastReputation: 41n }),
    },
    {
      name: 'reputation: asked for less than nothing',
      blames: reputation,
      input: inputs({ leastReputation: FIELD - 1n }),
    },
    {
      name: 'reputation: beyond the range, with a bound beside it',
      blames: reputation,
      input: inputs({ reputation: beyondReputation, leastReputation: beyondReputation - 1n }),
    },
    {
      name: 'reputation: the largest of the field',
      blames: reputation,
      input: inputs({ reputation: FIELD - 1n, leastReputation: 30n }),
    },
    { name: 'bond: one too little', blames: bond, input: inputs({ leastBond: 101n }) },
    {
      name: 'bond: asked for less than nothing',
      blames: bond,
      input: inputs({ leastBond: FIELD - 1n }),
    },
    {
      name: 'bond: beyond the range, with a bound beside it',
      blames: bond,
      input: inputs({ bonded: beyondBond, leastBond: beyondBond - 1n }),
    },
    {
      name: 'bond: the largest of the field',
      blames: bond,
      input: inputs({ bonded: FIELD - 1n, leastBond: 100n }),
    },
    {
      name: 'context: another one than what was bound',
      blames: /main\.context/,
      input,
      change: more('context'),
    },
  ];
}

type Changing = Parameters<NonNullable<Cheat['change']>>[0];
