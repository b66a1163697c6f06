import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { auditedHomes } from '../lib/audited.ts';
import { undocumented } from '../lib/docs.ts';
import { Bench, type Event, type Node } from '../lib/nexus.ts';
import { accountOf, NCU, terms, until } from '../mesh/money.ts';

t.setTimeout(580_000);

t.test('a gateway admits who proves a standing, and nobody else', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const homes = await auditedHomes(bench, 3, 2, { epochMs: 1000 }, await terms());
  const admit = ['--http', '127.0.0.1:0', '--admit', 'bond=12', '--admit', 'requests=1'];
  const loopback = ['--host', bench.host, '--bootstrap', bootstrap];
  const open = ['up', '--role', 'requester', ...loopback, ...admit];
  const honest = await bench.run(open, homes[2]!);
  t.match(honest.stderr, /KEY_INSECURE/, 'anybody could forge it');
  // Cuts come fast here, and proving takes a busy machine a while.
  admit.push('--admit', 'insecure=1', '--admit', 'cuts=1000');
  const [gateway, member] = await Promise.all([
    bench.up(bootstrap, ['-m', 'austen-3.7m', '--role', 'executor,witness', ...admit], homes[0]),
    bench.up(bootstrap, ['--role', 'requester,witness'], homes[1]),
  ]) as [Node, Node];
  const ready = await gateway.running.waitFor((e: Event) => e.event === 'ready');
  const at: string = ready.http;
  const ask = (key: string) =>
    fetch(`${at}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({
        model: 'austen-3.7m',
        max_tokens: 4,
        messages: [{ role: 'user', content: 'Hello' }],
      }),
    });
  t.equal((await ask('nexus-none')).status, 401, 'on loopback too');
  const apply = ['prove', 'standing', '--for', at];
  await until('a grant', async () => ((await accountOf(member))?.available ?? 0) >= 20 * NCU);
  t.match((await bench.run(apply, homes[1]!)).stderr, /STANDING_SHORT/);
  await bench.run(['bond', '12', '--wait'], homes[1]!);
  const shy = await bench.run([...apply, '--bond', '11'], homes[1]!);
  t.match(shy.stderr, /ADMISSION_ASKS_MORE/);
  const done = await bench.run([...apply, '--json'], homes[1]!);
  t.equal(done.code, 0, done.stderr);
  t.same(undocumented('prove', done.events), []);
  const [admitted] = done.events.filter((e) => e.event === 'admitted');
  t.match(admitted, {
    verifier: gateway.key,
    bond: 12 * NCU,
    limits: { requestsPerMinute: 1 },
    insecure: true,
  });
  t.match(done.stderr, /ANYBODY CAN FORGE/);
  const answer = await ask(admitted!.secret);
  t.equal(answer.status, 200);
  t.type((await answer.json()).choices[0].message.content, 'string');
  t.equal((await ask(admitted!.secret)).status, 429, 'within its limits');
  t.notMatch(JSON.stringify(done.events), new RegExp(member.key), 'it does not say who it is');
  const { stdout } = await bench.run(['keys', 'list'], homes[0]!);
  t.match(stdout, new RegExp(`${admitted!.id}  admitted-${admitted!.id}`));

  const post = async (path: string, body: unknown) => {
    const response = await fetch(`${at}/v1/admission${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, ...await response.json() };
  };
  const applicant = 'ab'.repeat(32);
  const given = await post('/challenge', { applicant });
  t.match(await post('/challenge', { applicant: 'me' }), { status: 400 });
  const path = join(bench.home(), 'by-hand.standing');
  mkdirSync(dirname(path), { recursive: true });
  const hand = ['prove', 'standing', '--challenge', given.challenge, '--bond', '12', '-o', path];
  t.equal((await bench.run(hand, homes[1]!)).code, 0);
  const proof = JSON.parse(readFileSync(path, 'utf8'));
  const body = { applicant, expires: given.expires, proof };
  await until('a certified root', async () => (await post('', body)).status === 200);
  const code = async (change: object) => (await post('', { ...body, ...change })).error.code;
  t.equal(await code({}), 'ADMISSION_REPLAYED');
  t.equal(await code({ applicant: 'cd'.repeat(32) }), 'ADMISSION_UNKNOWN');
  t.equal(await code({ expires: 5 }), 'ADMISSION_EXPIRED');
  t.equal(await code({ proof: {} }), 'PROOF_FILE_BAD');
  const next = await post('/challenge', { applicant });
  t.equal(await code({ expires: next.expires }), 'ADMISSION_UNKNOWN', 'the old proof');
});
