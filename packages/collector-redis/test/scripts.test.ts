import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scrape } from 'exporter-kit/testing';
import { needPeers } from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { scripts } from '../src/index.ts';
import { served, server } from './real.ts';

/** Files with these scripts. */
async function files(...texts: string[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'scripts-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return Promise.all(
    texts.map(async (text, i) => {
      const path = join(folder, `${i}.lua`);
      await writeFile(path, text);
      return path;
    }),
  );
}

const flavours = (['redis-server', 'valkey-server'] as const).filter((program) => needPeers(program));

describe.each(flavours)('scripts on %s', (program) => {
  it('serve what they return, and one that fails costs its own values', async () => {
    const redis = await server({ program });
    const bad: readonly [script: string, reason: RegExp][] = [
      ['return {"a", "1", "b", "x"}', /the value of "b" is not a number/],
      ['return {"a"}', /a key without a value: 1 element/],
      ['return 5', /the script: expected a list, got 5/],
      ['return {"a", {"b", "1"}}', /the value of "a" is not a number/],
      ['return redis.call("NONSENSE")', /^ERR unknown( redis)? command/i],
      ['return {', /^ERR Error compiling script/],
      ['local t = {} for i = 1, 20002 do t[i] = "1" end return t', /more than 10000 values/],
    ];
    const good = ['return {"a", "1", "b", 2, "a", "3"}', 'return {}'];
    const file = await files(...good, ...bad.map(([script]) => script));
    const warnings: { script: string; reason: string }[] = [];
    const log = { debug() {}, info() {}, error() {}, warn: (facts: object) => void warnings.push(facts as never) };
    const options = {
      target: { addr: redis.url },
      config: { file: [...file, '/nowhere/connection.lua'], readOnly: true },
      log,
    };
    const { value, series } = await scrape(scripts(), options);
    expect(series('redis_script_values').map(({ labels, value }) => [labels.filename, labels.key, value])).toEqual([
      [file[0], 'a', 3],
      [file[0], 'b', 2],
    ]);
    const results = [...file, '/nowhere/connection.lua'].map((filename) => value('redis_script_result', { filename }));
    expect(results).toEqual([1, 2, ...bad.map(() => 0), 0]);
    for (const [i, [, reason]] of bad.entries()) {
      expect(warnings.find(({ script }) => script === file[i + 2])?.reason).toMatch(reason);
    }
    expect(warnings.at(-1)).toBeDefined();
    expect(warnings).toHaveLength(bad.length + 1);
  });

  it('are denied by EVAL_RO what they would write, and fail as a whole where ACLs deny EVAL', async () => {
    const redis = await server({ program });
    await redis.ask('ACL', 'SETUSER', 'mon', 'on', '>secret', '+info', '+ping', '+client|setname', '~*', '+set');
    const [write] = await files('redis.call("SET", "a", "1") return {"a", "1"}');
    const config = { file: [write!] };
    const read = await scrape(scripts(), { target: { addr: redis.url }, config: { ...config, readOnly: true } });
    expect(read.value('redis_script_result', { filename: write! })).toBe(0);
    expect(await redis.ask('GET', 'a')).toBeNull();
    const written = await scrape(scripts(), { target: { addr: redis.url }, config });
    expect(written.value('redis_script_values', { filename: write!, key: 'a' })).toBe(1);
    const denied = { target: { addr: redis.url, user: 'mon', password: 'secret' }, config };
    await expect(scrape(scripts(), denied)).rejects.toThrow(/^NOPERM/);
  });

  it('run in the database of the address, whatever others have selected', async () => {
    const redis = await server({ program });
    for (const key of ['a', 'b']) await redis.ask('SET', key, '1');
    const [count] = await files('return {"keys", redis.call("DBSIZE")}');
    const settings = { keys: { single: ['db3=x'] }, scripts: { file: [count!] } };
    for (const [addr, keys] of [
      [redis.url, 2],
      [`${redis.url}/3`, 0],
    ]) {
      const scraped = await served({ addr }, { settings });
      await scraped();
      expect(await scraped()).toMatch(new RegExp(`^redis_script_values.*key="keys".* ${keys}$`, 'm'));
    }
  });

  it('hang no longer than a scrape', async () => {
    const redis = await server({ program });
    const [endless] = await files('while true do end');
    const options = { target: { addr: redis.url }, config: { file: [endless!] }, timeoutMs: 500 };
    await expect(scrape(scripts(), options)).rejects.toThrow(/deadline|abort|timeout/i);
  });
});
