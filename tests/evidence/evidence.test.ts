import t from 'tap';
import fc from 'fast-check';
import { CHEAT_B1, CHEAT_MARGINS } from '../audit/fixtures.ts';
import { fromHex, toHex } from '../../feeds/base/mod.ts';
import {
  buildEvidence,
  type Evidence,
  type EvidenceOpening,
  isEvidence,
  parseEvidence,
} from '../../feeds/evidence/mod.ts';
import { decodeRecord } from '../../feeds/records/mod.ts';
import { verifyEvidence } from '../../node/evidence/mod.ts';
import { networkToJson } from '../../node/network/mod.ts';
import { openStore } from '../proof/cores.ts';
import { bytes32, drawEvidence, type Party, World } from '../trust/world.ts';
import { answer, jobKey } from './answer.ts';
import { gatherFrom } from './gather.ts';
import { RealMesh } from './world.ts';

const PEOPLE = ['requester', 'honest', 'cheat'];
const NAMES = [
  ...PEOPLE,
  ...Array.from({ length: 3 }, (_, i) => `witness ${i}`),
  ...Array.from({ length: 4 }, (_, i) => `auditor ${i}`),
];

t.test('evidence', async (t) => {
  const mesh = await RealMesh.of(await openStore(t), NAMES);
  const world = new World({ auditors: 4, seed: 4, notary: mesh });
  const [requester, honest, cheat] = PEOPLE.map((name) => world.party(name)) as [
    Party,
    Party,
    Party,
  ];
  await world.pass(3);
  const { opening, job } = await answer(world, requester, honest);
  for (let i = 0; i < 2; i++) {
    world.work(requester, honest, { evidence: drawEvidence(world.random) });
    const evidence = drawEvidence(world.random, CHEAT_MARGINS, CHEAT_B1);
    world.work(requester, cheat, { evidence, finding: 'trigger' });
  }
  await world.pass(14);
  const logs = await mesh.logs(world);
  const gather = (about: string, held = logs) =>
    gatherFrom(mesh, held, about, (subject) => subject === opening.subject ? opening : null);
  const [proven] = world.fold.view().cheats;
  const { text } = await gather(cheat.hex);
  const whole = parseEvidence(text);
  /** As a forger writes it: with a checksum that fits. */
  const forged = (change: (evidence: Evidence) => void) => {
    const copy = parseEvidence(text);
    change(copy);
    return buildEvidence(copy);
  };
  const refused = async (
    t: Pick<typeof import('tap')['default'], 'notOk' | 'same' | 'match'>,
    file: string,
    why: RegExp,
  ) => {
    const { ok, checks, establishes, cheat } = await verifyEvidence(file);
    t.notOk(ok);
    t.same([establishes, cheat], [[], null], 'it establishes nothing');
    t.match(checks.filter((check) => !check.ok).map(({ detail }) => detail).join('\n'), why);
  };

  await t.test('proves a cheat to whoever has the file alone', async (t) => {
    t.ok(isEvidence(text));
    const verdict = await verifyEvidence(text);
    t.same(verdict.checks.filter(({ ok }) => !ok), []);
    t.ok(verdict.ok);
    t.equal(verdict.network, toHex(mesh.network));
    t.match(verdict.cheat, { executor: cheat.hex, epoch: proven!.epoch });
    t.equal(verdict.epoch, proven!.epoch, 'up to the cut that proved it');
    t.match(verdict.establishes.join('\n'), /proven a cheat since cut/);
    t.match(verdict.doesNotEstablish.join('\n'), /the file itself names its witnesses/);
    t.equal(verdict.audits.length, 2);
    t.ok(verdict.audits.every(({ duties }) => duties.some(({ finding }) => finding === 'trigger')));
  });

  await t.test('a reader who knows the network is told so, another is refused if it wants', async (t) => {
    const known = await verifyEvidence(text, { networks: [toHex(mesh.network)], strict: true });
    t.ok(known.ok);
    t.notMatch(known.doesNotEstablish.join('\n'), /the file itself names its witnesses/);
    const other = await verifyEvidence(text, { networks: ['00'.repeat(32)], strict: true });
    t.notOk(other.ok);
  });

  await t.test('an honest executor is none', async (t) => {
    const clear = await verifyEvidence((await gather(honest.hex)).text);
    t.ok(clear.ok);
    t.equal(clear.cheat, null);
    t.match(clear.establishes.join('\n'), /does not prove it a cheat/);
  });

  const { text: aboutJob } = await gather(job.slice(0, 12));

  await t.test('whoever has the key reads the answer, and what it contradicts', async (t) => {
    const open = await verifyEvidence(aboutJob);
    t.ok(open.ok);
    t.same(open.audits.map(({ job }) => job), [job]);
    t.match(open.contradictions, [
      { code: 'END_MISSING', executor: honest.hex },
      { code: 'DRAW_DIFFERS', position: 3 },
    ]);
    t.match(open.establishes.join('\n'), /signed what cannot be \(END_MISSING/);
    const sealed = parseEvidence(aboutJob);
    sealed.openings[0]!.jobKey = null;
    const closed = await verifyEvidence(buildEvidence(sealed));
    t.ok(closed.ok);
    t.same(closed.contradictions, []);
    t.match(closed.doesNotEstablish.join('\n'), /sealed transcripts/);
    const entitled = await verifyEvidence(sealed, { keyOf: () => Promise.resolve(jobKey) });
    t.match(entitled.contradictions, [{ code: 'END_MISSING' }, { code: 'DRAW_DIFFERS' }]);
    // Without the model's vocabulary nobody knows what ends an answer.
    sealed.openings[0]!.vocabulary = null;
    const blind = await verifyEvidence(sealed, { keyOf: () => Promise.resolve(jobKey) });
    t.match(blind.contradictions.map(({ code }) => code), ['DRAW_DIFFERS']);
  });

  await t.test('another transcript than the one that was signed is refused', async (t) => {
    const changes: [string, (opening: EvidenceOpening) => void][] = [
      ['key', (one) => one.jobKey![0]! ^= 1],
      ['sealed', (one) => one.sealed[40]! ^= 1],
      ['candidates', (one) => one.candidates![60]! ^= 1],
      ['profile', (one) => one.profile = { ...one.profile, topK: 31 }],
      ['subject', (one) => one.subject = toHex(bytes32('other'))],
      ['vocabulary', (one) => one.vocabulary = { size: 100, endTokens: [] }],
    ];
    for (const [name, change] of changes) {
      const copy = parseEvidence(aboutJob);
      change(copy.openings[0]!);
      t.notOk((await verifyEvidence(buildEvidence(copy))).ok, name);
    }
  });

  await t.test('any changed character is refused', async (t) => {
    const property = fc.asyncProperty(
      fc.nat(text.length - 1),
      fc.constantFrom(...'0123456789abcdef"{}[],x '),
      async (at, character) => {
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        const harmless = text[at] === character || (/\s/.test(text[at]!) && character === ' ');
        if (harmless) return;
        const { ok, establishes } = await verifyEvidence(changed);
        if (ok || establishes.length > 0) throw new Error(`${text.slice(at - 20, at + 20)} holds`);
      },
    );
    await t.resolves(fc.assert(property, { numRuns: 40, endOnFailure: true }));
  });

  await t.test('any changed byte of any log is refused, with a checksum that fits', async (t) => {
    const property = fc.asyncProperty(
      fc.nat(whole.logs.length - 1),
      fc.nat(),
      fc.nat(),
      fc.nat(7),
      async (log, block, byte, bit) => {
        const file = forged(({ logs }) => {
          const { blocks } = logs[log]!;
          const bytes = blocks[block % blocks.length]!;
          bytes[byte % bytes.length]! ^= 1 << bit;
        });
        const { ok } = await verifyEvidence(file);
        if (ok) throw new Error(`log ${log}, block ${block}`);
      },
    );
    await t.resolves(fc.assert(property, { numRuns: 12, endOnFailure: true }));
  });

  await t.test('what a forger leaves out or claims is refused', async (t) => {
    const auditor = world.auditors.find(({ hex }) =>
      world.of('duty').some(({ duty }) => duty.auditor === hex && duty.state === 'revealed')
    )!;
    const isLog = (name: string, log: 'jobs' | 'artifacts' | 'attestations') => {
      const key = toHex(mesh.coresOf(name)[log]);
      return (one: { key: Uint8Array }) => toHex(one.key) === key;
    };
    await refused(
      t,
      forged((file) => file.logs = file.logs.filter((one) => !isLog('honest', 'artifacts')(one))),
      /which the file lacks/,
    );
    await refused(
      t,
      forged((file) => {
        file.logs.find(isLog(auditor.name, 'attestations'))!.blocks.pop();
      }),
      /not those that its head names|which the file lacks/,
    );
    await refused(
      t,
      forged((file) => file.logs.push(file.logs[0]!)),
      /stands twice/,
    );
    await refused(
      t,
      forged((file) => {
        const log = file.logs.find(isLog('witness 0', 'attestations'))!;
        const votes = (block: Uint8Array) => decodeRecord(block).type !== 'vote';
        log.blocks = log.blocks.filter(votes);
      }),
      /they end with|there is no cut|not those that/,
    );
    await refused(t, forged((file) => file.epoch--), /another digest/);
    await refused(t, forged((file) => file.claim.cheat!.log++), /another result/);
    await refused(t, forged((file) => file.claim.cheat = null), /another result/);
    await refused(t, forged((file) => file.about = { executor: honest.hex }), /another result/);
    await refused(
      t,
      forged((file) => file.logs[0]!.head!.signature[9]! ^= 1),
      /not signed by its writer/,
    );
    const others = { ...mesh.file, witnesses: mesh.file.witnesses.slice(0, 2) };
    const { reasons: _, ...json } = networkToJson({ file: others, bootstrap: null });
    await refused(t, forged((file) => file.network = json as Evidence['network']), /no cut/);
  });

  await t.test('logs without heads stand on the cuts alone, and it is said', async (t) => {
    const half = logs.map((log) =>
      toHex(log.key) === toHex(mesh.coresOf('requester').jobs)
        ? { ...log, head: { ...log.head!, length: log.blocks.length + 1 } }
        : log
    );
    const { ok, checks } = await verifyEvidence((await gather(cheat.hex, half)).text);
    t.ok(ok);
    t.match(checks.find(({ name }) => name === 'logs')!.detail, /signed whole by their writers/);
  });

  await t.test('what cannot be gathered has a coded reason', async (t) => {
    await t.rejects(gather('ffffffff'), { code: 'EVIDENCE_UNKNOWN' });
    await t.rejects(gather('../../etc'), { code: 'EVIDENCE_UNKNOWN' });
    await t.rejects(gather(cheat.hex, []), { code: 'EVIDENCE_INCOMPLETE' });
  });

  await t.test('hostile files are refused with a code', (t) => {
    const files: [string, string][] = [
      ['', 'EVIDENCE_BAD_JSON'],
      ['null', 'EVIDENCE_UNKNOWN_FORMAT'],
      ['{"format":"nexus-evidence/2"}', 'EVIDENCE_UNKNOWN_FORMAT'],
      ['{"format":"nexus-evidence/1"}', 'EVIDENCE_BAD_FIELD'],
      [text.replace('"epoch": ', '"epoch": -'), 'EVIDENCE_BAD_FIELD'],
      [text.replace('"openings": []', '"openings": [{}]'), 'EVIDENCE_BAD_FIELD'],
      [text.replace('"openings": []', '"openings": {}'), 'EVIDENCE_BAD_FIELD'],
    ];
    for (const [file, code] of files) t.throws(() => parseEvidence(file), { code }, code);
    t.equal(fromHex(parseEvidence(text).claim.digest).length, 32);
    t.end();
  });
});
