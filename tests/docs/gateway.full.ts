import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import t from 'tap';
import { fakeGateway } from '../gateway/fake.ts';
import { blocksOf, ROOT } from '../lib/docs.ts';
import { Bench, type Running } from '../lib/nexus.ts';
import { programs, shell } from '../lib/shell.ts';

const FILE = 'docs/GATEWAY.md';
const MODEL = 'austen-3.7m';

t.test('what the page of the gateway shows works as shown', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const home = bench.home(), cwd = bench.home();
  const env = {
    NEXUS_HOME: home,
    NEXUS_HOST: bench.host,
    NEXUS_BOOTSTRAP: `${bench.host}:9`,
    NEXUS_MODEL: MODEL,
    PATH: `${programs(bench.home())}:${process.env.PATH}`,
  };
  let node: Running | null = null, http = '';
  /** Any free port of loopback, and the model that is always there. */
  const here = (text: string) =>
    text.replaceAll('http://127.0.0.1:8040', http).replaceAll('smollm2-135m', MODEL);
  const blocks = ['sh', 'js'].flatMap((language) =>
    blocksOf(FILE, language).map((block) => ({ ...block, language }))
  ).sort((a, b) => a.line - b.line);
  t.ok(blocks.length > 4);
  for (const { language, line, text } of blocks) {
    if (language === 'js') {
      const { code, output } = await script(here(text));
      t.equal(code, 0, `${FILE}:${line} ${output}`);
      t.not(output.trim(), '', 'there is an answer');
      continue;
    }
    for (const part of text.split(/^(nexus up .*\n)/m).filter((part) => part.trim() !== '')) {
      if (!part.startsWith('nexus up')) {
        const { code, stdout, stderr } = await shell(`set -e\n${here(part)}`, { cwd, env });
        t.equal(code, 0, `${FILE}:${line} ${stderr}`);
        t.notMatch(stdout, '"error"');
        if (part.includes('nexus verify')) t.match(stdout, 're-executed: all');
        if (part.includes('/v1/models')) t.match(stdout, `"id":"${MODEL}"`);
        if (part.includes('"stream": true')) t.match(stdout, 'data: [DONE]');
        continue;
      }
      await node?.stop();
      const args = part.trim().split(' ').slice(1).join(' ')
        .replace(/--http \S+/, '--http 127.0.0.1:0').split(' ');
      node = bench.start([...args, '--json'], home, { env });
      http = (await node.waitFor((e) => e.event === 'ready', 40_000)).http;
    }
  }
  t.equal((await fetch(`${http}/v1/models`)).status, 401, 'the key is needed now');
});

t.test('its metrics are all there are', async (t) => {
  const { request } = fakeGateway();
  const text = await (await request('/metrics')).text();
  const shown = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  const page = readFileSync(ROOT + FILE, 'utf8');
  const told = [...page.slice(page.indexOf('## Metrics')).matchAll(/`(nexus_\w+)`/g)];
  t.same(told.map(([, name]) => name).sort(), shown.sort());
  for (const [, link] of page.matchAll(/\]\(([^)#]+)\)/g)) t.ok(existsSync(`${ROOT}docs/${link}`));
});

/** Runs a script as a module of this repository, which has the packages. */
function script(code: string): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    });
    let output = '';
    child.stdout.on('data', (text) => output += text);
    child.stderr.on('data', (text) => output += text);
    child.on('close', (code) => resolve({ code, output }));
  });
}
