import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createClient } from '@redis/client';
import { needPeers, type RedisServer } from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connections, failed, type Running, running, server, temporary } from './running.ts';

/** So many keys that looking at them all takes longer than any scrape here. */
async function manyKeys(redis: RedisServer): Promise<void> {
  await redis.ask('EVAL', "for i = 1, 400000 do redis.call('SET', 'k' .. i, i) end", '0');
}
const endless = { keys: { match: ['*'], 'batch-size': 10 } };

/** How often the server has run a command. */
async function calls(redis: RedisServer, command: string): Promise<number> {
  const stats = String(await redis.ask('INFO', 'commandstats'));
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
}

/** Scrapes until the server is up, seldom: the tenth failure in a row is told again. */
const upAgain = (exporter: Running) =>
  expect.poll(async () => (await exporter.scrape()).value('redis_up'), { interval: 600 }).toBe(1);

const stop = (redis: RedisServer) => process.kill(redis.program.pid, 'SIGSTOP');
const go = (redis: RedisServer) => process.kill(redis.program.pid, 'SIGCONT');

describe.skipIf(!needPeers('redis-server'))('a server with trouble', () => {
  it('wrong password: tried once, told once, mended by a reload', async () => {
    const redis = await server({ flags: ['--requirepass', 'right-secret'], login: { password: 'right-secret' } });
    const file = join(await temporary(), 'password');
    await writeFile(file, 'wrong-secret\n');
    const config = { redis: { addr: redis.url, 'password-file': file } };
    const exporter = await running(config);
    for (let i = 0; i < 5; i++) {
      const answer = await exporter.scrape();
      expect(answer).toMatchObject({ status: 200 });
      expect(answer.value('redis_up')).toBe(0);
      expect(answer.text).toContain('\nprocess_resident_memory_bytes ');
      expect(answer.text).not.toContain('redis_connected_clients');
    }
    expect(String(await redis.ask('INFO', 'stats'))).toContain('acl_access_denied_auth:1\r');
    await writeFile(file, 'right-secret');
    expect(await exporter.reload(config)).toBe(200);
    expect((await exporter.scrape()).value('redis_up')).toBe(1);
    const told = exporter.told();
    expect(told).toHaveLength(2);
    expect(told[0]).toMatch(/level=error msg="source is down" .*stage=open reason="WRONGPASS /);
    expect(told[1]).toMatch(/msg="source is up again"/);
    expect(exporter.output()).not.toContain('-secret');
    expect(await connections(redis)).toBe(1);
  });

  it('refused, then there, then gone, then there again: one line for each reason', async () => {
    const socket = join(await temporary(), 'redis.sock');
    const exporter = await running({ redis: { addr: `unix://${socket}` } });
    for (let i = 0; i < 3; i++) {
      const answer = await exporter.scrape();
      expect([answer.status, answer.value('redis_up')]).toEqual([200, 0]);
      // Long before its deadline.
      expect(answer.ms).toBeLessThan(9000);
    }
    const first = await server({ flags: ['--unixsocket', socket] });
    await upAgain(exporter);
    await first.stop();
    expect((await exporter.scrape()).value('redis_up')).toBe(0);
    await server({ flags: ['--unixsocket', socket] });
    await upAgain(exporter);
    // Another reason is news: a socket may be there a moment before the server listens on it.
    const told = exporter.told().map((line) => /msg="([^"]*)"/.exec(line)?.[1]);
    const once = told.filter((message, i) => message !== told[i - 1]);
    expect(once).toEqual(['source is down', 'source is up again', 'source is down', 'source is up again']);
    const reasons = exporter.told().map((line) => /reason=.*? (?=\w+=)/.exec(line)?.[0] ?? 'up');
    expect(reasons.every((reason, i) => reason !== reasons[i - 1])).toBe(true);
  });

  it('restarted between two scrapes: not even noticed', async () => {
    const socket = join(await temporary(), 'redis.sock');
    const first = await server({ flags: ['--unixsocket', socket] });
    const exporter = await running({ redis: { addr: `unix://${socket}` } });
    expect((await exporter.scrape()).value('redis_up')).toBe(1);
    await first.stop();
    await server({ flags: ['--unixsocket', socket] });
    const answer = await exporter.scrape();
    expect([answer.value('redis_up'), answer.value('redis_scrape_source_opens_total{source="redis"}')]).toEqual([1, 2]);
    expect(exporter.told()).toEqual([]);
  });

  it('slow start: down at the deadline, opened once, up as soon as it answers', async () => {
    const redis = await server({ flags: ['--requirepass', 'x'], login: { password: 'x' } });
    stop(redis);
    const exporter = await running({ redis: { addr: redis.url, password: 'x' } });
    for (let i = 0; i < 2; i++) {
      const answer = await exporter.scrape(1);
      expect([answer.status, answer.value('redis_up')]).toEqual([200, 0]);
    }
    go(redis);
    const answer = await exporter.scrape();
    expect([answer.value('redis_up'), answer.value('redis_scrape_source_opens_total{source="redis"}')]).toEqual([1, 1]);
    expect(await connections(redis)).toBe(1);
  });

  it('loading its data: up, and shown as loading', async () => {
    const folder = await temporary();
    const socket = join(folder, 'redis.sock');
    const writer = await server({ flags: ['--dir', folder] });
    await writer.ask('EVAL', "for i = 1, 1000 do redis.call('SET', 'k' .. i, i) end", '0');
    await writer.ask('SAVE');
    await writer.stop();
    // Half a minute, so that the exporter is there in time; it ends once loading has been seen.
    const delay = ['--key-load-delay', '30000', '--loading-process-events-interval-bytes', '1024'];
    const starting = server({ flags: ['--dir', folder, '--unixsocket', socket, ...delay] });
    const exporter = await running({ redis: { addr: `unix://${socket}` } });
    await expect.poll(async () => (await exporter.scrape()).value('redis_loading_dump_file')).toBe(1);
    const client = connect(socket);
    client.end('CONFIG SET key-load-delay 0\r\n');
    await text(client);
    await starting;
    const answer = await exporter.scrape();
    expect([answer.value('redis_up'), answer.value('redis_loading_dump_file')]).toEqual([1, 0]);
    expect(answer.value('redis_db_keys{db="db0"}')).toBe(1000);
  });

  it('stopped before a scrape: answered in time, and up again in the next one', async () => {
    const redis = await server();
    const exporter = await running({ redis: { addr: redis.url } });
    expect((await exporter.scrape()).value('redis_up')).toBe(1);
    stop(redis);
    const scrapes = await Promise.all(Array.from({ length: 5 }, () => exporter.scrape(1)));
    for (const answer of [...scrapes, await exporter.scrape(1)]) {
      expect([answer.status, answer.value('redis_up')]).toEqual([200, 0]);
      expect(answer.text).toContain('\nprocess_resident_memory_bytes ');
    }
    go(redis);
    await upAgain(exporter);
    expect(exporter.told()).toEqual([
      expect.stringMatching(/source is down.*stage=read reason="did not answer/),
      expect.stringContaining('source is up again'),
    ]);
    await expect.poll(() => connections(redis)).toBe(1);
  });

  it.each(['SIGSTOP', 'SIGKILL'] as const)('%s during a scrape costs the collector that waits', async (signal) => {
    const redis = await server();
    await manyKeys(redis);
    const exporter = await running({ redis: { addr: redis.url }, collector: endless });
    const scrape = exporter.scrape(10);
    await expect.poll(() => calls(redis, 'scan')).toBeGreaterThan(10);
    process.kill(redis.program.pid, signal);
    const answer = await scrape;
    // The server had answered INFO.
    expect([answer.status, answer.value('redis_up')]).toEqual([200, 1]);
    expect(failed(answer)).toEqual(['keys']);
    expect(answer.text).not.toContain('redis_key_size');
    expect(answer.text).toContain('\nredis_connected_clients ');
    const next = await exporter.scrape(1);
    expect([next.status, next.value('redis_up')]).toEqual([200, 0]);
    expect(exporter.told().filter((line) => line.includes('is down'))).toHaveLength(1);
  });

  it('scan that takes too long: ends with the scrape, on the server too', async () => {
    const redis = await server();
    await manyKeys(redis);
    const exporter = await running({ redis: { addr: redis.url }, collector: endless });
    const answer = await exporter.scrape(2);
    expect([answer.value('redis_up'), failed(answer)]).toEqual([1, ['keys']]);
    const before = await calls(redis, 'scan');
    for (let i = 0; i < 20; i++) await redis.ask('PING');
    expect(await calls(redis, 'scan')).toBe(before);
  });

  it('no place for another client: down, with its words, until there is', async () => {
    const redis = await server();
    const held = createClient({ url: redis.url, disableClientInfo: true, maintNotifications: 'disabled' });
    await held.connect();
    onTestFinished(() => held.destroy());
    await held.configSet('maxclients', '1');
    const exporter = await running({ redis: { addr: redis.url } });
    for (let i = 0; i < 3; i++) expect((await exporter.scrape()).value('redis_up')).toBe(0);
    await held.configSet('maxclients', '100');
    await upAgain(exporter);
    expect(exporter.told()).toEqual([
      expect.stringMatching(/source is down.*max number of clients reached/),
      expect.stringContaining('source is up again'),
    ]);
  });

  const denials: readonly [command: string, collectors: readonly string[]][] = [
    ['config|get', ['config']],
    ['slowlog|get', ['slowlog']],
    ['latency|latest', ['latency']],
    ['latency|histogram', ['latency_histogram']],
    ['client|list', ['clients']],
    ['client|setname', []],
    ['scan', ['key_groups', 'keys']],
    ['memory|usage', ['keys']],
    ['select', ['keys']],
    ['eval', ['key_groups']],
    ['xinfo|groups', ['streams']],
  ];
  it.each(denials)('ACLs deny %s: that costs %s, and nothing else', async (command, collectors) => {
    const redis = await server();
    await redis.ask('XADD', 'stream', '1-1', 'a', 'b');
    await redis.ask('ACL', 'SETUSER', 'mon', 'on', '>secret', '~*', '+@all', `-${command}`);
    const config = {
      redis: { addr: redis.url, user: 'mon', password: 'secret' },
      collector: {
        keys: { match: ['db0=*', 'db1=*'] },
        key_groups: { pattern: ['^(s)'] },
        streams: { single: ['stream'] },
      },
    };
    const exporter = await running(config, '--collector.clients');
    const answer = await exporter.scrape();
    expect([answer.value('redis_up'), failed(answer)]).toEqual([1, collectors]);
    expect(answer.text).toContain('\nredis_db_keys{db="db0"} 1');
    await exporter.scrape();
    const lines = exporter
      .output()
      .split('\n')
      .filter((line) => /NOPERM|ACL failure/.test(line));
    expect(lines).toHaveLength(collectors.length);
  });

  it('ACLs deny INFO: down, with one line', async () => {
    const redis = await server();
    await redis.ask('ACL', 'SETUSER', 'mon', 'on', '>secret', '+@all', '-info');
    const exporter = await running({ redis: { addr: redis.url, user: 'mon', password: 'secret' } });
    for (let i = 0; i < 3; i++) expect((await exporter.scrape()).value('redis_up')).toBe(0);
    expect(exporter.told()).toEqual([expect.stringMatching(/source is down.*stage=read reason="NOPERM/)]);
  });

  it('failover: both roles follow, over the same connections', async () => {
    const [a, b] = [await server(), await server()];
    for (const one of [a, b]) await one.ask('CONFIG', 'SET', 'repl-diskless-sync-delay', '0');
    await b.ask('REPLICAOF', '127.0.0.1', String(a.port));
    const exporter = await running({ redis: { targets: { a: { addr: a.url }, b: { addr: b.url } } } });
    const replicaOf = (one: RedisServer, at: string) =>
      `redis_master_link_up{server="${at}",master_host="127.0.0.1",master_port="${one.port}"}`;
    await expect.poll(async () => (await exporter.scrape()).value(replicaOf(a, 'b'))).toBe(1);

    await b.ask('REPLICAOF', 'NO', 'ONE');
    await a.ask('REPLICAOF', '127.0.0.1', String(b.port));
    await expect.poll(async () => (await exporter.scrape()).value(replicaOf(b, 'a'))).toBe(1);
    const answer = await exporter.scrape();
    expect(answer.value(replicaOf(a, 'b'))).toBeUndefined();
    for (const server of ['a', 'b']) {
      expect(answer.value(`redis_up{server="${server}"}`)).toBe(1);
      expect(answer.value(`redis_scrape_source_opens_total{source="redis",server="${server}"}`)).toBe(1);
    }
    // The other one is killed: it alone is down.
    await b.stop();
    const after = await exporter.scrape();
    expect([after.value('redis_up{server="a"}'), after.value('redis_up{server="b"}')]).toEqual([1, 0]);
    await expect.poll(async () => (await exporter.scrape()).value(replicaOf(b, 'a')), { interval: 600 }).toBe(0);
    expect(exporter.told()).toEqual([expect.stringMatching(/source is down.*server=b/)]);
  });

  it('twenty reloads with changed settings leave one connection, the end none', async () => {
    const redis = await server();
    for (const user of ['even', 'odd']) await redis.ask('ACL', 'SETUSER', user, 'on', `>${user}-secret`, '+@all', '~*');
    const as = (user: string) => ({ redis: { addr: redis.url, user, password: `${user}-secret` } });
    const exporter = await running(as('even'));
    for (let i = 1; i <= 20; i++) {
      expect((await exporter.scrape()).value('redis_up')).toBe(1);
      expect(await exporter.reload(as(i % 2 === 0 ? 'even' : 'odd'))).toBe(200);
    }
    expect((await exporter.scrape()).value('redis_up')).toBe(1);
    await expect.poll(() => connections(redis)).toBe(1);
    expect(exporter.told()).toEqual([]);
    await exporter.stop();
    await expect.poll(() => connections(redis)).toBe(0);
  });
});
