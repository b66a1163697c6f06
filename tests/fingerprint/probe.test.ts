import t from 'tap';
import { runDeno } from '../lib/deno.ts';

t.test('the probe answers challenges with no rights but those that it needs', async (t) => {
  const { code, stdout, stderr } = await runDeno('tests/fingerprint/probe_driver.ts', [], 120_000);
  t.equal(code, 0, stderr);
  const report = JSON.parse(stdout);
  t.ok(report.sameRoot, 'all threads together compute what one does');
  t.ok(report.features > 0);
  t.match(report.refused, {
    twice: 'RAW_NOTHING_OPEN',
    large: 'RAW_TOO_LARGE',
    odd: 'RAW_SHAPE',
    effort: 'MICRO_LIMITS',
  });
  if (report.info.backend === 'cpu') t.equal(report.refused.gpu, 'RAW_NO_GPU');
  else t.comment(`this machine has a GPU (${report.info.adapter}): its absence is not tested`);
  t.ok(report.samePid, 'a refusal does not end it');
  t.equal(report.aborted, 'AbortError');
  t.ok(report.restarted && report.sameAgain, 'the next challenge starts another');
  if (report.commandLine === null) return t.comment('its rights are read where there is /proc');
  const rights = report.commandLine.filter((arg: string) => arg.startsWith('--allow'));
  t.match(rights, [/^--allow-read=\S+fingerprint,\S+base$/, '--allow-sys=cpus,setPriority']);
  t.notOk(report.commandLine.includes('-A'));
  t.equal(report.nice, 19, 'behind everything else');
});
