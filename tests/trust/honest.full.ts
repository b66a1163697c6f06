import t from 'tap';
import { LOG_UNIT } from '../../feeds/trust/mod.ts';
import { honestAudits } from './honest.ts';

t.test('an honest network accuses nobody in six thousand audits', async (t) => {
  const world = await honestAudits(120, 6);
  const view = world.fold.view();
  const audited = view.executors.reduce((sum, one) => sum + one.audited, 0);
  t.equal(audited, 6000);
  t.same(view.cheats, []);
  t.ok(view.executors.every(({ log }) => log < 2 * LOG_UNIT));
  t.same(view.findings, []);
  t.ok(view.auditors.every(({ against, missed, copied }) => against + missed + copied === 0));
});
