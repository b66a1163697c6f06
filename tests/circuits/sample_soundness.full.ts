import t from 'tap';
import { FIELD, SAMPLE_POSITIONS, sampleInput } from '../../circuits/mod.ts';
import { loadPoseidon } from '../../node/poseidon/mod.ts';
import { numbers, sampledFrom } from './positions.ts';
import { looseSignals } from './perturb.ts';
import { type Circuit, compileChanged, violated } from './r1cs.ts';
import { type Calculator, calculatorOf } from './witness.ts';

const SOURCE = 'circuits/src/sample.circom';

/** The circuit with one position: each of its five is the same. */
const one = (text: string): string => text.replace('Sample(5)', 'Sample(1)');

/**
 * The same signals, but nothing that could stop a cheat: it works out what a cheat would. What is in no
 * constraint would be dropped, hence the squares.
 */
const without = (text: string): string =>
  one(text)
    .replace('signal bit[n];', 'signal bit[n]; signal spare[n];')
    .replace('bit[i] * (bit[i] - 1) === 0;', 'spare[i] <== bit[i] * bit[i];')
    .replace('more * (more - 1) === 0;', 'signal spare <== more * more;')
    .replace('sum === in;', '')
    .replace('leaf === hash.out;', 'signal spare <== chosen * chosen;')
    .replace('product[30] === 0;', '');

interface Inputs {
  context: bigint;
  leaf: bigint;
  ids: bigint[];
  lead: bigint[];
  salt: bigint;
  below: bigint[];
  chosen: bigint;
}

/** The inputs of one position. */
async function inputsOf(seed: number, tq = 717): Promise<Inputs> {
  const { statement, hidden } = await sampledFrom(seed, { positions: 1, tq });
  const all = sampleInput(statement, hidden) as Record<string, bigint[] & bigint[][]>;
  const { context, leaf, ids, lead, salt, below, chosen } = all;
  return {
    context: context as unknown as bigint,
    leaf: leaf![0]!,
    ids: ids![0]!,
    lead: lead![0]!,
    salt: salt![0]!,
    below: below![0]!,
    chosen: chosen![0]!,
  } as unknown as Inputs;
}

const modulo = (value: bigint): bigint => ((value % FIELD) + FIELD) % FIELD;

/** The commitment to any field elements in the places of the logits. */
async function commitment({ salt, ids, below }: Inputs): Promise<bigint> {
  const poseidon = await loadPoseidon();
  const words = ids.map((word, w) =>
    below.slice(6 * w, 6 * w + 6).reduce(
      (sum, value, i) => modulo(sum + (value + 1n) * 2n ** BigInt(41 * i + 24)),
      word,
    )
  );
  const bytes = poseidon.toBytes(poseidon.hash([salt, ...words]));
  return bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

let circuit: Circuit, loose: Circuit, work: Calculator, cheat: Calculator;

const listed = ({ context, leaf, ids, lead, salt, below, chosen }: Inputs) => ({
  context,
  leaf: [leaf],
  ids: [ids],
  lead: [lead],
  salt: [salt],
  below: [below],
  chosen: [chosen],
});

/** The witness that somebody makes who changes the program: signals by their names. */
async function cheated(
  inputs: Inputs,
  change: (set: (name: string, value: bigint) => void) => void = () => {},
): Promise<bigint[]> {
  const all = await cheat(listed(inputs));
  const witness = new Array<bigint>(circuit.r1cs.signals).fill(1n);
  for (const [name, place] of circuit.places) witness[place] = all[loose.places.get(name)!]!;
  change((name, value) => {
    const place = circuit.places.get(`main.${name}`);
    if (place === undefined) throw new Error(`the circuit has no signal ${name}`);
    witness[place] = value;
  });
  return witness;
}

/** Names of the signals in the constraints that a witness violates. */
function blamed(witness: readonly bigint[]): string[] {
  const names = new Map([...circuit.places].map(([name, place]) => [place, name]));
  return violated(circuit.r1cs, witness).flatMap((i) => {
    const [a, b] = circuit.r1cs.constraints[i]!;
    const smaller = a.length < b.length ? a : b;
    return [smaller.map(([signal]) => names.get(signal) ?? 'one').join(' ')];
  });
}

t.before(async () => {
  circuit = await compileChanged(SOURCE, one);
  loose = await compileChanged(SOURCE, without);
  work = await calculatorOf(circuit.wasm);
  cheat = await calculatorOf(loose.wasm);
});

t.test('what is honest satisfies every constraint, in both programs', async (t) => {
  for (const seed of [1, 2, 3]) {
    const inputs = await inputsOf(seed);
    t.same(violated(circuit.r1cs, await work(listed(inputs))), []);
    t.same(violated(circuit.r1cs, await cheated(inputs)), []);
  }
});

t.test('no signal is under-constrained', async (t) => {
  for (const seed of [1, 2]) {
    const witness = await work(listed(await inputsOf(seed)));
    const next = numbers(seed);
    t.same(
      looseSignals(circuit.r1cs, witness, () => modulo(BigInt(next()) ** 8n)),
      [],
      'any value',
    );
    t.same(looseSignals(circuit.r1cs, witness, (at) => modulo(witness[at]! + 1n)), [], 'one more');
    const negative = looseSignals(circuit.r1cs, witness, (at) => modulo(-witness[at]!));
    t.same(negative, [], 'the negative');
    t.same(looseSignals(circuit.r1cs, witness, (at) => witness[at] === 0n ? 1n : 0n), [], 'a bit');
  }
});

t.test('nor is one of the circuit that keys are made from, with all its positions', async (t) => {
  const shipped = await compileChanged(SOURCE, (text) => text);
  const calculate = await calculatorOf(shipped.wasm);
  // With fewer positions than the circuit has, the last one is repeated.
  for (const positions of [SAMPLE_POSITIONS, 3]) {
    const { statement, hidden } = await sampledFrom(20 + positions, { positions, tq: 717 });
    const witness = await calculate(sampleInput(statement, hidden));
    t.same(violated(shipped.r1cs, witness), []);
    for (
      const [name, value] of [
        ['one more', (at: number) => modulo(witness[at]! + 1n)],
        ['the negative', (at: number) => modulo(-witness[at]!)],
      ] as const
    ) t.same(looseSignals(shipped.r1cs, witness, value), [], `${positions}: ${name}`);
    const context = shipped.places.get('main.context')!;
    for (const value of [witness[context]! + 1n, -witness[context]!]) {
      const broken = violated(shipped.r1cs, witness.with(context, modulo(value)));
      t.equal(broken.length, 1, 'the context is held by the constraint that is there for it');
    }
  }
});

t.test('range: a logit out of its range, though committed, in the lead and below a top', async (t) => {
  const honest = await inputsOf(4, 0);
  const other = honest.below.findIndex((value) => value > 0n && value !== honest.chosen);
  const edges: [string, bigint][] = [
    ['above the top', FIELD - 1n],
    ['below the lowest', 32_769n],
    ['2^16', 65_536n],
    ['2^17: its slot runs over', 131_072n],
    ['the middle of the field', FIELD >> 1n],
  ];
  for (const [name, value] of edges) {
    const inputs = { ...honest, below: honest.below.with(other, value) };
    inputs.leaf = await commitment(inputs);
    // The margin of this candidate is put right, so that its range alone stands in the way.
    inputs.lead = inputs.lead.with(other, modulo(5n - value + inputs.chosen));
    const blames = blamed(await cheated(inputs));
    t.not(blames.length, 0, name);
    t.ok(blames.every((one) => one.includes(`range[${other}]`)), `${name}: nothing else`);
  }
  for (const value of [0n, 32_767n, 32_768n]) {
    const inputs = { ...honest, below: honest.below.with(other, value) };
    inputs.leaf = await commitment(inputs);
    inputs.lead = inputs.lead.with(other, 32_768n);
    t.same(violated(circuit.r1cs, await work(listed(inputs))), [], `${value} is in range`);
  }
});

t.test('range: two neighbours that make the same word as two honest ones', async (t) => {
  const honest = await inputsOf(5);
  // 2^41 more in the second place of a word is one more in the third.
  const below = honest.below.with(1, honest.below[1]! + 2n ** 41n).with(2, honest.below[2]! - 1n);
  const inputs = { ...honest, below: below.map(modulo) };
  t.equal(await commitment(inputs), honest.leaf, 'the leaf cannot tell');
  inputs.lead = inputs.lead.map((lead, i) =>
    i === 1 || i === 2 ? modulo(5n - inputs.below[i]! + inputs.chosen) : lead
  );
  const blames = blamed(await cheated(inputs));
  t.not(blames.length, 0);
  t.ok(blames.every((one) => one.includes('range[1]') || one.includes('range[2]')), 'nothing else');
});

t.test('leaf: logits, ids or a salt that are not those committed', async (t) => {
  const honest = await inputsOf(6, 0);
  const other = honest.below.findIndex((value) => value > 0n && value !== honest.chosen);
  const value = honest.below[other]!;
  const lies: [string, Partial<Inputs>][] = [
    ['logit', { below: honest.below.with(other, value === 1n ? 2n : value - 1n) }],
    ['salt', { salt: honest.salt + 1n }],
    ['ids', { ids: honest.ids.with(3, honest.ids[3]! + 1n) }],
    ['leaf', { leaf: modulo(honest.leaf + 1n) }],
  ];
  for (const [name, lie] of lies) {
    const witness = await cheated({ ...honest, lead: honest.lead.map(() => 32_768n), ...lie });
    const blames = violated(circuit.r1cs, witness);
    t.not(blames.length, 0, name);
    const bits = blamed(witness).filter((one) => /range|margin|product|bound/.test(one));
    t.same(bits, [], `${name}: nothing else stands in the way`);
  }
});

t.test('top: no logit is 0', async (t) => {
  const honest = await inputsOf(7);
  const inputs = {
    ...honest,
    below: honest.below.map((value) => value < 32_768n ? value + 1n : value),
  };
  inputs.chosen = honest.chosen + 1n;
  inputs.leaf = await commitment(inputs);
  inputs.lead = honest.lead.map((lead) => lead === 65_536n ? lead : 32_768n);
  const witness = await cheated(inputs);
  t.equal(violated(circuit.r1cs, witness).length, 1);
  t.match(blamed(witness)[0], /product|below/);
});

t.test('margin: a candidate beats the token by one, or the token’s logit is made larger', async (t) => {
  const honest = await inputsOf(8, 0);
  const own = honest.lead.indexOf(65_536n);
  const top = honest.below.findIndex((value, i) => value === 0n && i !== own);
  const near = top >= 0 ? top : honest.below.findIndex((_, i) => i !== own);
  const needed = honest.chosen - honest.below[near]!;
  for (const [by, holds] of [[0n, true], [1n, false]] as const) {
    const inputs = { ...honest, lead: honest.lead.with(near, modulo(needed - by)) };
    const blames = blamed(await cheated(inputs));
    if (holds) t.same(blames, [], 'just enough');
    else {
      t.not(blames.length, 0, 'one too little');
      t.ok(blames.every((one) => one.includes(`margin[${near}]`)), 'nothing else');
    }
  }
  const better = { ...honest, chosen: modulo(honest.chosen - 1n) };
  const blames = blamed(await cheated(better));
  t.not(blames.length, 0);
  t.ok(blames.every((one) => one.includes(`margin[${own}]`)), 'nothing else');
  for (const chosen of [FIELD - 1n, FIELD >> 1n, honest.chosen + 2n ** 17n]) {
    t.not(blamed(await cheated({ ...honest, chosen })).length, 0, 'far off');
  }
});

t.test('context: another one in the same witness', async (t) => {
  const honest = await inputsOf(9);
  const witness = await cheated(honest, (set) => set('context', modulo(honest.context + 1n)));
  t.equal(violated(circuit.r1cs, witness).length, 1);
  const negative = await cheated(honest, (set) => set('context', modulo(-honest.context)));
  t.equal(violated(circuit.r1cs, negative).length, 1, 'its negative');
});
