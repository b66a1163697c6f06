/**
 * How fast the ledger folds. `deno run -A bench/ledger.ts <entries> [network]` alone measures one
 * size; with `network` the bytes are decoded and the trust fold runs, too.
 */
import { cpuUsage } from 'node:process';
import {
  LedgerFold,
  type LedgerOptions,
  NetworkFold,
  type NetworkOptions,
} from '../feeds/ledger/mod.ts';
import { defaultLedgerRules, defaultRules } from '../node/network/mod.ts';
import { History, NETWORK, PROFILE } from './ledger_history.ts';
import { poseidonTree } from './ledger_poseidon.ts';
import { type Figure } from './lib.ts';

/** Accounts, and jobs of three entries that each of them has in a cut. */
const PARTIES = 1000, JOBS = 2000;

interface Measured {
  entries: number;
  seconds: number;
  /** Of the slowest tenth of the cuts against the median cut: it does not slow down as it goes. */
  late: number;
  heapMb: number;
  attempts: number;
}

/** Entries a second at several sizes, each in a process of its own. */
export async function ledger(sizes: readonly number[], network: number): Promise<Figure[]> {
  const rows = [];
  for (const size of sizes) rows.push(await measured([String(size)]));
  const rates = rows.map(({ entries, seconds }) => entries / seconds / 1000);
  const whole = await measured([String(network), 'network']);
  const rate = whole.entries / whole.seconds / 1000;
  const memory = rows.map(({ heapMb }) => heapMb.toFixed(0)).join(', ');
  return [
    {
      name: 'ledger, entries decoded',
      measured: sizes.map((size, i) => `${size / 1e6}M: ${rates[i]!.toFixed(0)}`).join('; ') +
        ` thousand entries/s; heap ${memory} MB`,
      goal: '>= 100,000 entries/s, linear, memory of live accounts',
      met: Math.min(...rates) >= 100 && rates.at(-1)! >= 0.75 * rates[0]!,
    },
    {
      name: 'ledger and trust, from bytes',
      measured: `${network / 1e6}M: ${rate.toFixed(0)} thousand entries/s`,
      goal: 'told',
      met: true,
    },
    await poseidonTree(10_000),
  ];
}

async function measured(args: string[]): Promise<Measured> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ['run', '-A', '--v8-flags=--expose-gc', import.meta.filename!, ...args],
    stderr: 'inherit',
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

async function measure(entries: number, isNetwork: boolean): Promise<Measured> {
  const cuts = Math.ceil(entries / (3 * JOBS));
  const history = new History(PARTIES, isNetwork, cuts);
  const witnesses = [{ key: history.witness.key, weight: 1 }];
  const rules = { ...defaultRules(), epochMs: 60_000 };
  const options: LedgerOptions & NetworkOptions = {
    network: NETWORK,
    terms: {
      rules: { ...defaultLedgerRules(), grant: 1e12 },
      genesis: [],
      coefficients: [{ profile: PROFILE, prompt: 100, output: 1000 }],
    },
    witnesses,
    rules,
    audit: rules,
    readCalibration: () => null,
    verify: () => true,
  };
  const fold = isNetwork ? new NetworkFold(options) : null;
  const ledger = fold?.ledger ?? new LedgerFold(options);
  const times: number[] = [];
  for (let i = 0; i < cuts; i++) {
    const { cut, known, entries, events } = history.next(JOBS);
    const start = cpuMs();
    if (fold !== null) await fold.takeCut(cut, entries);
    else await ledger.takeCut(cut, known, events, () => null);
    times.push(cpuMs() - start);
  }
  const seconds = times.reduce((sum, ms) => sum + ms, 0) / 1000;
  const sorted = times.slice(-Math.ceil(cuts / 10)).sort((a, b) => a - b);
  const all = [...times].sort((a, b) => a - b);
  (globalThis as unknown as { gc?: () => void }).gc?.();
  const { paid } = ledger.view().epochs.at(-1)!;
  if (paid === 0) throw new Error('nothing was paid: this measures nothing');
  return {
    entries: 3 * JOBS * cuts,
    seconds,
    late: sorted[sorted.length >> 1]! / all[all.length >> 1]!,
    heapMb: Deno.memoryUsage().heapUsed / 1e6,
    attempts: ledger.view().accounts.length,
  };
}

/** Processor time of this process, milliseconds: other programs on the machine do not count. */
function cpuMs(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}

if (import.meta.main) {
  const [entries, kind] = Deno.args;
  console.log(JSON.stringify(await measure(Number(entries), kind === 'network')));
}
