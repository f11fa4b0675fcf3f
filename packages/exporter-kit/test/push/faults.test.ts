import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { makeCertificates, needPeers, runProgram } from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { silent } from '../../src/collect/context.ts';
import { flushSpool } from '../../src/push/spool/flush.ts';
import { type Fault, type FaultyGatewayOptions, faultyGateway } from '../../src/testing/faulty-gateway.ts';
import { folder, memory } from './memory.ts';

const script = fileURLToPath(new URL('../programs/job.mjs', import.meta.url));

/** What delivering may take: long where it ends by itself, as a busy machine is slow. */
const LONG_MS = 50_000;
const SHORT_MS = 3000;

interface Row {
  readonly fault: string;
  readonly script: Fault | readonly Fault[];
  /** How many requests the gateway gets, at least and at most. */
  readonly attempts: readonly [least: number, most: number];
  readonly outcome: 'delivered' | 'kept' | 'refused';
  /** Whether it takes all the time that there is. */
  readonly whole?: true;
  /** What the user reads of it: one line, before the one about the job. */
  readonly said?: RegExp;
}

const late = /push timeout of 3s exceeded/;
const rows: readonly Row[] = [
  { fault: 'nothing is wrong', script: 'ok', attempts: [1, 1], outcome: 'delivered' },
  { fault: '500, then well', script: [{ status: 500 }, 'ok'], attempts: [2, 2], outcome: 'delivered' },
  { fault: 'reset, then well', script: ['reset', 'ok'], attempts: [2, 2], outcome: 'delivered' },
  {
    fault: '429 with Retry-After, then well',
    script: [{ status: 429, headers: { 'retry-after': '0' } }, 'ok'],
    attempts: [2, 2],
    outcome: 'delivered',
  },
  {
    fault: '429 with a long Retry-After',
    script: { status: 429, headers: { 'retry-after': '3600' }, text: 'slow down' },
    attempts: [1, 1],
    outcome: 'kept',
    said: /answered 429: slow down .*Retry-After of 3600 s exceeds the push timeout/,
  },
  { fault: 'hang', script: 'hang', attempts: [1, 1], outcome: 'kept', whole: true, said: late },
  { fault: 'slow drip', script: 'drip', attempts: [1, 1], outcome: 'delivered', whole: true },
  { fault: 'slow drip of the head', script: 'drip-head', attempts: [1, 1], outcome: 'kept', whole: true, said: late },
  { fault: '100 Continue for ever', script: 'continue', attempts: [1, 1], outcome: 'kept', whole: true, said: late },
  { fault: 'reset', script: 'reset', attempts: [2, 5], outcome: 'kept', whole: true, said: /ECONNRESET.*attempts/ },
  {
    fault: 'closed',
    script: 'empty',
    attempts: [2, 5],
    outcome: 'kept',
    whole: true,
    said: /closed without a response.*attempts/,
  },
  { fault: 'truncated', script: 'truncate', attempts: [1, 1], outcome: 'delivered' },
  { fault: 'no HTTP', script: 'garbage', attempts: [1, 1], outcome: 'kept', said: /the response is not HTTP/ },
  {
    fault: '503',
    script: { status: 503, text: 'busy' },
    attempts: [2, 5],
    outcome: 'kept',
    whole: true,
    said: /answered 503: busy/,
  },
  { fault: '401', script: { status: 401 }, attempts: [1, 1], outcome: 'kept', said: /401.*check the credentials/ },
  {
    fault: 'redirect',
    script: { status: 302, headers: { location: 'http://me:pw@elsewhere.example/' } },
    attempts: [1, 1],
    outcome: 'kept',
    said: /redirects \(302\) to http:\/\/elsewhere\.example\/, which is not followed/,
  },
  { fault: 'web page', script: 'page', attempts: [1, 1], outcome: 'kept', said: /answered with a web page/ },
  {
    fault: '400',
    script: { status: 400, text: 'inconsistent' },
    attempts: [1, 1],
    outcome: 'refused',
    said: /msg="refused; not spooled, as it would be refused again" .*answered 400: inconsistent/,
  },
  { fault: '413', script: { status: 413 }, attempts: [1, 1], outcome: 'refused', said: /refused; .*answered 413/ },
];

async function push(
  faults: Row['script'],
  args: readonly string[],
  pushMs: number,
  options: FaultyGatewayOptions = {},
) {
  const gateway = await faultyGateway(faults, options);
  onTestFinished(() => gateway.close());
  const spool = await folder();
  const to = [`--push.gateway=${gateway.url}`, `--push.spool=${spool}`, `--push.timeout=${pushMs}ms`];
  const exit = await runProgram([script, ...to, ...args]);
  const lines = exit.stderr.trimEnd().split('\n');
  return { ...exit, lines, gateway, spool };
}

describe('a job whose gateway is at fault', () => {
  it.each(rows)('$fault: $outcome', async ({ script, attempts: [least, most], outcome, whole, said }) => {
    const { code, lines, gateway, spool } = await push(script, ['--push.required'], whole ? SHORT_MS : LONG_MS);
    expect(gateway.received.length).toBeGreaterThanOrEqual(least);
    expect(gateway.received.length).toBeLessThanOrEqual(most);
    expect(code).toBe(outcome === 'delivered' ? 0 : 75);
    expect(lines.length).toBe(said === undefined ? 1 : 2);
    if (said !== undefined) expect(lines[0]).toMatch(said);
    expect(lines[0]).not.toMatch(/pw@|\n/);
    const counts = outcome === 'delivered' ? 'delivered=1 not_delivered=0' : 'delivered=0 not_delivered=1';
    expect(lines.at(-1)).toMatch(new RegExp(`msg="job succeeded" .*${counts}${outcome === 'kept' ? ' kept=1' : ''}$`));

    const sink = memory(`pushgateway ${gateway.url}`);
    const flushed = await flushSpool(spool, [sink], { log: silent, signal: AbortSignal.timeout(50_000) });
    expect(flushed.map(({ status }) => status)).toEqual(outcome === 'kept' ? ['delivered'] : []);
    if (outcome === 'kept') expect(sink.got[0]?.lines).toContain('job_success 1');
    expect(await readdir(spool)).toEqual([]);
  });

  it('that is not there at all', async () => {
    const gateway = await faultyGateway('ok');
    await gateway.close();
    const spool = await folder();
    const to = [`--push.gateway=${gateway.url}`, `--push.spool=${spool}`, `--push.timeout=${SHORT_MS}ms`];
    const { code, stderr } = await runProgram([script, ...to]);
    expect(stderr).toMatch(/not delivered; kept in the spool for the next run.*ECONNREFUSED/);
    expect([code, (await readdir(spool)).length]).toEqual([0, 1]);
  });

  it.skipIf(!needPeers('openssl'))('that has a certificate of nobody we know', async () => {
    const { server } = await makeCertificates();
    const { readFile } = await import('node:fs/promises');
    const tls = { cert: await readFile(server.cert), key: await readFile(server.key) };
    const { code, lines, gateway, spool } = await push('ok', ['--push.required'], LONG_MS, { tls });
    expect(gateway.received).toEqual([]);
    expect(lines[0]).toMatch(/kept in the spool .*certificate/);
    expect([code, (await readdir(spool)).length]).toEqual([75, 1]);
  });

  it.each<Fault>(['hang', { status: 400 }])("%j: a failed job's code and words stay its own", async (fault) => {
    const { code, lines } = await push(fault, ['--fail', '--push.required'], SHORT_MS);
    expect(lines.at(-1)).toMatch(/msg="job failed" .*err="no space left"/);
    expect([code, lines.length]).toEqual([1, 2]);
  });
});
