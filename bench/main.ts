/**
 * The benchmarks, as a table: what was measured (median [10th .. 90th percentile]), the goal, and
 * whether it was met. Ratios are measured in alternation, so that a busy machine slows both sides.
 *
 * `npm run bench [-- startup mesh batch failover gateway memory replay restart size engine busy artifact tui audit backends ledger ncu circuits proving fingerprint] [-- --quick]`
 *
 * After `fingerprint` its parts may be named: `claims work node raw throttle sharing micro`; else it is all.
 *
 * The model is the file that `NEXUS_BENCH_MODEL` names, else the default model where this machine
 * has it, else the embedded one. `NEXUS_BENCH_HONEST` names honest audits for `audit`,
 * `NEXUS_BENCH_ECONOMY` a file in which `economy` keeps its histories: ended, it goes on from there
 * (`bench/economy/histories.jsonl` has those of docs/economics.md).
 * `NEXUS_BENCH_PTAU` names prepared powers of tau: `circuits` takes `sample` with as many positions as
 * they have room for, too.
 */
import { loadavg } from 'node:os';
import { artifact } from './artifact.ts';
import { audit, AUDIT_BENCH } from './audit.ts';
import { backends, BACKENDS_BENCH } from './audit_backends.ts';
import { busy } from './busy.ts';
import { circuits } from './circuits.ts';
import { economy, ECONOMY_BENCH } from './economy.ts';
import { engine } from './engine.ts';
import { failover } from './failover.ts';
import { FINGERPRINT_PARTS } from './fingerprint.ts';
import { gateway } from './gateway.ts';
import { ledger } from './ledger.ts';
import { type Figure, printFigures } from './lib.ts';
import { memory } from './memory.ts';
import { batch, mesh } from './mesh.ts';
import { chosenModel, embeddedModel } from './model.ts';
import { ncu } from './ncu.ts';
import { proving } from './proving.ts';
import { replay } from './replay.ts';
import { restart } from './restart.ts';
import { size } from './size.ts';
import { startup } from './startup.ts';
import { tui } from './tui.ts';

const quick = Deno.args.includes('--quick');
const model = await chosenModel(), embedded = await embeddedModel();

/** Too little for the error rate that verdicts are for. */
const QUICK_AUDIT = { jobs: 93, report: 24, each: 6, tokens: 32, long: 4, rounds: 5, alpha: 0.005 };
const kept = Deno.env.get('NEXUS_BENCH_ECONOMY') || null;
const honest = Deno.env.get('NEXUS_BENCH_HONEST') || null;

const SECTIONS: Record<string, () => Promise<Figure[]>> = {
  engine: () => engine(model, quick ? 3 : 8),
  busy: () => busy(model, quick ? 6 : 24),
  artifact: () => artifact(model, quick ? 6 : 24),
  startup: () => startup(model, quick ? 4 : 12),
  mesh: () => mesh(model, quick ? 4 : 12),
  batch: async () => [
    ...await batch(model, quick ? 2 : 6),
    ...(model.external ? await batch(embedded, quick ? 2 : 6) : []),
  ],
  failover: () => failover(model, quick ? 3 : 12),
  gateway: () => gateway(model, quick ? 4 : 12),
  memory: () => memory(model, embedded, quick ? 200 : 1000),
  replay: () => replay(quick ? [10_000, 100_000] : [10_000, 100_000, 300_000]),
  ledger: () => ledger(quick ? [30_000, 300_000] : [300_000, 1_000_000, 3_000_000], 60_000),
  restart: () => restart(quick ? [100, 1000] : [100, 1000, 10_000]),
  size,
  economy: () =>
    economy({
      ...ECONOMY_BENCH,
      kept,
      ...(quick ? { nodes: 300, jobs: 6000, epochs: 20, seeds: 3 } : {}),
    }),
  ncu,
  circuits: () => circuits(quick ? 2 : 8),
  proving: () => proving(model, quick ? 2 : 8),
  fingerprint: async () => {
    const parts = named.filter((name) => isPart(name)), figures: Figure[] = [];
    for (const part of parts.length > 0 ? parts : Object.keys(FINGERPRINT_PARTS)) {
      console.error(`fingerprint ${part} … (load ${loadavg()[0]!.toFixed(1)})`);
      figures.push(...await FINGERPRINT_PARTS[part]!({ model, embedded, quick }));
    }
    return figures;
  },
  tui: () => tui(quick ? 20 : 300),
  backends: () =>
    backends(
      embedded.path,
      quick ? { ...BACKENDS_BENCH, forth: 12, back: 3, each: 3 } : BACKENDS_BENCH,
    ),
  audit: () => audit(model.path, { ...AUDIT_BENCH, ...(quick ? QUICK_AUDIT : {}), honest }),
};

const named = Deno.args.filter((arg) => !arg.startsWith('--'));
const isPart = (name: string) =>
  named.includes('fingerprint') && Object.hasOwn(FINGERPRINT_PARTS, name);
const unknown = named.find((name) => !Object.hasOwn(SECTIONS, name) && !isPart(name));
if (unknown !== undefined) {
  console.error(`there is no benchmark ${unknown}; there are ${Object.keys(SECTIONS).join(', ')}`);
  Deno.exit(2);
}
const figures: Figure[] = [];
const wanted = named.filter((name) => !isPart(name));
for (const name of wanted.length > 0 ? wanted : Object.keys(SECTIONS)) {
  console.error(`${name} … (load ${loadavg()[0]!.toFixed(1)})`);
  try {
    figures.push(...await SECTIONS[name]!());
  } catch (thrown) {
    console.error(thrown);
    const measured = `failed: ${thrown instanceof Error ? thrown.message : thrown}`;
    figures.push({ name, measured, goal: '', met: false });
  }
}
console.log(`model: ${model.name}, ${model.profile.quantisation}, ${model.profile.size} bytes\n`);
printFigures(figures);
Deno.exit(0);
