import fc from 'fast-check';
import t from 'tap';
import { fromHex } from '../../feeds/base/mod.ts';
import type { LogRecord } from '../../feeds/records/mod.ts';
import { record } from '../records/arbitrary.ts';
import { NETWORK, type Work, World } from './world.ts';

/** A made-up entry that speaks of this network and of a job that there is. */
const aimed = (entry: LogRecord, work: Work): LogRecord => ({
  ...entry,
  ...('network' in entry ? { network: NETWORK } : {}),
  ...('subject' in entry ? { subject: fromHex(work.subject) } : {}),
  ...('job' in entry ? { job: work.job } : {}),
  ...('attempt' in entry ? { attempt: 0 } : {}),
} as LogRecord);

t.test('whatever strangers log, the fold goes on and honest audits come out the same', async (t) => {
  const logs = fc.constantFrom('jobs' as const, 'artifacts' as const, 'attestations' as const);
  const noise = fc.array(fc.tuple(record, logs, fc.boolean()), { minLength: 60, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(noise, async (noise) => {
      const world = new World({ auditors: 5 });
      const requester = world.party('requester'), executor = world.party('executor');
      const stranger = world.party('stranger');
      await world.pass(3);
      const work = world.work(requester, executor);
      for (const [i, [entry, log, isAimed]] of noise.entries()) {
        world.append(stranger, log, isAimed ? aimed(entry, work) : entry);
        if (i % 5 === 0) await world.cut();
      }
      const audits = world.of('closed').filter(({ subject }) => subject.id === work.subject);
      t.match(audits, [{ outcome: 'ok' }]);
      t.same(world.of('auditor'), []);
    }),
    { numRuns: 12 },
  );
});
