import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { undocumented } from '../lib/docs.ts';
import { Bench } from '../lib/nexus.ts';

const ROLES = 'executor,requester,witness';

t.test('money is earned, spent, bonded, proven and recomputed', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const asker = bench.home(), worker = bench.home();
  const run = async (home: string, ...args: string[]) => {
    const { code, events, stderr } = await bench.run([...args, '--json'], home);
    t.same(undocumented(args[0]!, events), [], `${args.join(' ')}: its events are documented`);
    return { code, events, stderr, last: events.at(-1)! };
  };
  const preset = ['--preset', 'dev', '--rule', 'epochMs=1000', '--rule', 'grant=5NCU'];
  await run(asker, 'network', 'new', 'lab', '--open', ...preset);
  const { last: { file } } = await run(asker, 'network', 'show');
  t.match(file, { rules: { epochMs: 1000 }, ledger: { rules: { grant: 5_000_000 } } });
  t.equal(file.witnesses.length, 1, 'where nobody is named it is a witness itself');
  const path = join(worker, 'lab.json');
  writeFileSync(path, JSON.stringify(file));
  await run(worker, 'network', 'add', path);
  await run(worker, 'network', 'use', 'lab');

  const without = await run(asker, 'balance');
  t.match(without, { code: 1, last: { code: 'NODE_NOT_RUNNING', hint: /audit --ledger/ } });
  const none = await run(bench.home(), 'balance');
  t.match(none, { code: 0, last: { event: 'no-ledger' } }, 'nothing costs anything on main');
  t.match(await run(bench.home(), 'bond', '1'), { code: 1, last: { code: 'NO_LEDGER' } });
  t.match(await run(asker, 'bond', '-1'), { code: 2 });
  t.match(await run(asker, 'bond', '0.0000001'), { code: 2, last: { code: 'USAGE' } });

  const { last: key } = await run(asker, 'keys', 'add', 'poor', '--ncu-per-day', '0.0001');
  const { last: rich } = await run(asker, 'keys', 'add', 'rich', '--ncu-per-day', '1');
  t.match(key, { ncuPerDay: 100 });
  await bench.run(['config', 'set', 'where', 'mesh'], asker);
  const dht = await bench.dht();
  const model = ['-m', 'austen-3.7m'];
  const [a, w] = await Promise.all([
    bench.up(dht, ['--role', ROLES, '--http', '127.0.0.1:0', ...model], asker),
    bench.up(dht, model, worker),
  ]);
  await a.running.waitFor((e) => e.event === 'capability' && e.key === w.key);
  const first = await run(asker, 'balance');
  t.match(first.last, { event: 'balance', available: 5_000_000, auditRate: 1 });

  const answer = await run(asker, 'run', 'It is', ...model, '-n', '40', '--where', 'mesh');
  const { job, ncu } = answer.last;
  t.ok(ncu > 0, 'it cost something');
  await a.running.waitFor((e) => e.event === 'cut', 30_000, a.running.events.length);
  const paid = async () => (await run(asker, 'jobs', job)).last;
  let row = await paid();
  for (let i = 0; row.ncu === null && i < 60; i++) row = await paid();
  t.equal(row.ncu, ncu, 'the ledger says what the node said');

  const ask = (secret: string) =>
    fetch(`${a.ready.http}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
      body: JSON.stringify({ model: 'austen-3.7m', prompt: 'It is', max_tokens: 100 }),
    });
  const refused = await ask(key.secret);
  t.equal(refused.status, 429);
  t.match(await refused.json(), { error: { code: 'insufficient_quota', message: /0\.0001 NCU/ } });
  const served = await ask(rich.secret);
  t.equal(served.status, 200);
  const { micro_ncu: cost } = (await served.json()).nexus;
  t.ok(cost > 0);
  const { events: keys } = await run(asker, 'keys', 'list');
  t.match(keys, [{ name: 'poor', ncuToday: 0 }, { name: 'rich', ncuToday: cost }]);

  const bonded = await run(worker, 'bond', '2.5', '--wait');
  t.match(bonded, { code: 0, last: { event: 'bond', amount: 2_500_000, refused: null } });
  const asked = await run(worker, 'unbond', '0.5', '--wait');
  t.match(asked.last, { event: 'unbond', cuts: 24 });
  t.match((await run(worker, 'unbond', '2.1')).last, { code: 'NCU_SHORT', message: /2 NCU are/ });
  const { last: own } = await run(worker, 'balance');
  t.match(own, { bonded: 2_500_000, unbonding: [{ amount: 500_000 }] });

  const { events: shown } = await run(asker, 'ledger');
  t.match(shown[0], { event: 'ledger', accountCount: 2 });
  t.match(shown.filter(({ event }) => event === 'account').map(({ key }) => key).sort(), [
    ...[a.key, w.key].sort(),
  ]);
  const { events: moves } = await run(asker, 'ledger', '--epoch', String(bonded.last.cut));
  t.ok(moves.some(({ move }) => move?.type === 'bond'), 'the cut that took the bond tells it');
  const account = await run(asker, 'ledger', '--account', w.key.slice(0, 8));
  t.equal(account.events.filter(({ event }) => event === 'account').length, 1);
  t.match((await run(asker, 'ledger', '--epoch', '999999')).last, { code: 'EPOCH_UNKNOWN' });

  const proof = join(asker, 'worker.account');
  const { last: proven } = await run(asker, 'ledger', 'prove', w.key, '-o', proof);
  t.match(await run(bench.home(), 'ledger', 'check', proof, '--root', proven.root), {
    code: 0,
    last: { event: 'account-proof', ok: true, account: { key: w.key, bonded: 2_500_000 } },
  });
  t.match(await run(bench.home(), 'ledger', 'check', proof), {
    code: 1,
    last: { event: 'account-proof', ok: null, known: null, root: proven.root },
  });
  writeFileSync(
    proof,
    readFileSync(proof, 'utf8').replace('"bonded": 2500000', '"bonded": 9500000'),
  );
  const forged = await run(asker, 'ledger', 'check', proof, '--root', proven.root);
  t.match(forged, { code: 4, last: { code: 'ACCOUNT_PROOF_ROOT' } });

  const live = await run(asker, 'audit', '--ledger');
  t.match(live, { code: 0, last: { event: 'ledger', ok: true, differs: null, stopped: null } });
  t.ok(live.events.some(({ event }) => event === 'audit'), 'the logs are replayed as before');
  await Promise.all([a.running.stop(), w.running.stop()]);
  t.same(undocumented('up', [...a.running.events, ...w.running.events]), []);
  const offline = await run(asker, 'audit', '--ledger');
  t.match(offline, { code: 0, last: { ok: true, totals: { grants: 10_000_000 } } });
  t.ok(offline.last.epoch >= live.last.epoch);
  const cut = offline.last.certified;
  const { events: copies } = await run(bench.home(), 'audit', worker, '--ledger');
  t.match(copies.at(-1), { event: 'ledger', ok: true }, 'another one recomputes it too');
  t.ok(cut.epoch >= live.last.certified.epoch);
});
