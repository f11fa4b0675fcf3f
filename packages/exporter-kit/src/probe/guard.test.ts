import { describe, expect, it, vi } from 'vitest';
import { silent } from '../collect/context.ts';
import { isBlockedDestination, placeOfTarget, type ReachableAddress } from '../collect/destination.ts';
import type { Lookup } from '../collect/lookup.ts';
import { probe } from '../collect/probe.ts';
import { type GuardOptions, guard } from './guard.ts';
import { parseRule } from './rule.ts';
import { runProbe } from './run.ts';
import { canonicalAddress } from './special-addresses.ts';

const signal = new AbortController().signal;
const at = (...addresses: string[]): Lookup => {
  return async () => addresses.map((address): ReachableAddress => ({ address, family: address.includes(':') ? 6 : 4 }));
};

/** Which addresses of a destination may be connected to; the refusal's reason where none may. */
async function judge(url: string, options: GuardOptions = {}, lookup: Lookup = at('192.0.2.1')): Promise<string> {
  const { resolve } = guard(options, lookup)(signal);
  try {
    const { addresses } = await resolve(new URL(url));
    return addresses.map(({ address }) => address).join(' ');
  } catch (error) {
    if (!isBlockedDestination(error)) throw error;
    return error.message.replace('the target is refused: ', '');
  }
}

describe('special addresses', () => {
  it.each([
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'unspecified'],
    ['::', 'unspecified'],
    ['169.254.169.254', 'metadata'],
    ['fd00:ec2::254', 'metadata'],
    ['100.100.100.200', 'metadata'],
    ['169.254.1.1', 'link-local'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['febf::1', 'link-local'],
    ['224.0.0.1', 'multicast'],
    ['ff02::1', 'multicast'],
    ['255.255.255.255', 'reserved'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['0:0:0:0:0:ffff:a9fe:a9fe', 'metadata'],
    ['::127.0.0.1', 'loopback'],
    ['::ffff:0:127.0.0.1', 'loopback'],
    ['64:ff9b::127.0.0.1', 'loopback'],
    ['64:ff9b::a9fe:a9fe', 'metadata'],
    ['64:ff9b:1::1', 'tunnel'],
    ['2002:7f00:1::', 'tunnel'],
    ['2001:0:a00:1::1', 'tunnel'],
  ])('%s is refused, as %s', async (address, what) => {
    expect(await judge('http://name.example/', {}, at(address))).toMatch(new RegExp(`it is an? .*${what}`));
    // No rule is so broad that it means them.
    const broad = ['*', '*.example', 'name.example', '0.0.0.0/0', '::/0'];
    expect(await judge('http://name.example/', { allow: broad }, at(address))).toContain('no rule allows');
  });

  it.each(['10.1.2.3', '192.168.1.1', '8.8.8.8', 'fd12::1', '2001:db8::1', '64:ff9b::808:808', '::ffff:8.8.8.8'])(
    '%s is not',
    async (address) => {
      expect(await judge('http://name.example/', {}, at(address))).toBe(address);
    },
  );

  it('are allowed by address only', async () => {
    for (const allow of ['127.0.0.0/8', '127.0.0.1', '127.0.0.1:80', 'http://127.0.0.1']) {
      expect(await judge('http://name.example/', { allow: [allow] }, at('127.0.0.1')), allow).toBe('127.0.0.1');
    }
    for (const allow of ['127.0.0.2', '127.0.0.1:81', 'https://127.0.0.1', '126.0.0.0/7', 'localhost']) {
      expect(await judge('http://localhost/', { allow: [allow] }, at('127.0.0.1')), allow).toContain('loopback');
    }
    expect(await judge('http://name.example/', { allow: ['::1'] }, at('::1'))).toBe('::1');
    expect(await judge('http://name.example/', { allow: ['fe80::/10'] }, at('fe80::1%lo'))).toBe('fe80::1%lo');
  });
});

describe('rules', () => {
  it.each<[GuardOptions, string, string]>([
    [{}, 'http://any.example/', '192.0.2.1'],
    [{ allow: [] }, 'http://any.example/', 'no rule allows it'],
    [{ allow: ['any.example'] }, 'http://any.example/', '192.0.2.1'],
    [{ allow: ['any.example'] }, 'http://ANY.example./', '192.0.2.1'],
    [{ allow: ['any.example'] }, 'http://other.example/', 'no rule allows it'],
    [{ allow: ['*.example'] }, 'http://a.b.example/', '192.0.2.1'],
    [{ allow: ['*.example'] }, 'http://badexample/', 'no rule allows it'],
    [{ allow: ['192.0.2.0/24'] }, 'http://any.example/', '192.0.2.1'],
    [{ allow: ['192.0.2.0/24:443'] }, 'http://any.example/', 'no rule allows it'],
    [{ allow: ['192.0.2.0/24:80-90'] }, 'http://any.example:91/', 'no rule allows it'],
    [{ allow: ['192.0.2.0/24:80-90'] }, 'http://any.example:90/', '192.0.2.1'],
    [{ allow: ['https://*'] }, 'http://any.example/', 'no rule allows it'],
    [{ allow: ['https://*'] }, 'https://any.example/', '192.0.2.1'],
    [{ allow: ['*:443'] }, 'https://any.example/', '192.0.2.1'],
    [{ deny: ['192.0.2.1'] }, 'http://any.example/', 'a rule denies it'],
    [{ deny: ['*:22'] }, 'ssh://any.example:22/', 'a rule denies it'],
    [{ deny: ['*:22'] }, 'ssh://any.example:23/', '192.0.2.1'],
    [{ allow: ['any.example'], deny: ['192.0.2.0/28'] }, 'http://any.example/', 'a rule denies it'],
    [{ deny: ['192.0.2.0/24'] }, 'http://[::ffff:192.0.2.9]/', 'a rule denies it'],
    [{ allow: ['2001:db8::/32'] }, 'http://[2001:db8::1]/', '2001:db8::1'],
    [{ allow: ['[2001:db8::/32]:80'] }, 'http://[2001:db8::1]:81/', 'no rule allows it'],
  ])('%j: %s → %s', async (options, url, expected) => {
    expect(await judge(url, options)).toBe(expected);
  });

  it('leave of several addresses those that are allowed', async () => {
    const lookup = at('127.0.0.1', '10.0.0.1', '2001:db8::1');
    expect(await judge('http://any.example/', {}, lookup)).toBe('10.0.0.1 2001:db8::1');
    expect(await judge('http://any.example/', { deny: ['10.0.0.0/8'] }, lookup)).toBe('2001:db8::1');
  });

  it.each([
    ['', /write 10\.0\.0\.0\/8/],
    ['10.0.0.0/33', /no such prefix/],
    ['10.0.0.0/', /no such prefix/],
    ['10.0.0/8', /names no network/],
    ['127.1', /names no network/],
    ['0x7f000001', /names no network/],
    ['2130706433', /names no network/],
    ['a b', /names no network/],
    ['a.*.example', /names no network/],
    ['*:0', /no such ports/],
    ['*:90-80', /no such ports/],
    ['*:65536', /no such ports/],
    ['::ffff:10.0.0.0/104', /write the IPv4 network/],
    ['[fd00::/8', /not of the form/],
    ['http://', /not of the form/],
  ])('%j is none', (text, message) => {
    expect(() => parseRule(text)).toThrow(message);
    expect(() => guard({ deny: [text] })).toThrow(JSON.stringify(text));
  });
});

it('looks a name up once in a run, whatever it means later', async () => {
  const answers = [at('192.0.2.1'), at('127.0.0.1')];
  const lookup = vi.fn<Lookup>((host) => answers.shift()!(host));
  const { resolve, judge: before } = guard({}, lookup)(signal);
  await before({ host: 'rebind.example' });
  const { addresses, lookup: pinned } = await resolve(new URL('http://rebind.example/'));
  expect(addresses).toEqual([{ address: '192.0.2.1', family: 4 }]);
  const answered = vi.fn();
  pinned('rebind.example', { all: true }, answered);
  pinned('anything.else', {}, answered);
  pinned('anything.else', { family: 6 }, answered);
  expect(answered.mock.calls).toEqual([
    [null, [{ address: '192.0.2.1', family: 4 }]],
    [null, '192.0.2.1', 4],
    [expect.objectContaining({ code: 'ENOTFOUND' }), []],
  ]);
  expect(lookup).toHaveBeenCalledTimes(1);
});

it('judges what is known before a run, and leaves open what is not', async () => {
  const { judge: before } = guard({ allow: ['192.0.2.1:443'], deny: ['*:22', '192.0.2.9'] }, at('192.0.2.1'))(signal);
  await before({ host: 'any.example' });
  await expect(before({ host: 'any.example', port: 80 })).rejects.toSatisfy(isBlockedDestination);
  await expect(before({ host: '192.0.2.9' })).rejects.toThrow('a rule denies it');
  const lost = guard({}, () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' })))(signal);
  await lost.judge({ host: 'lost.example' });
  await expect(lost.resolve(new URL('http://lost.example/'))).rejects.toThrow(
    "lost.example can't be resolved: ENOTFOUND",
  );
  await expect(guard({}, at())(signal).resolve(new URL('http://x.example/'))).rejects.toThrow('it has no address');
});

it('wants all that rules may be about', async () => {
  const { resolve } = guard({}, at('192.0.2.1'))(signal);
  await expect(resolve({ host: 'any.example' } as never)).rejects.toThrow('give a URL, or { host, port, scheme }');
  await expect(resolve(new URL('ssh://any.example/'))).rejects.toThrow('this URL has no port');
});

it('holds one look-up for a name that hangs, and leaves a thread to others', async () => {
  const request: string[] = [];
  const go = new Map<string, () => void>();
  const hanging: Lookup = (host) => {
    request.push(host);
    return new Promise((resolve) => go.set(host, () => resolve([{ address: '192.0.2.1', family: 4 }])));
  };
  const response = guard({}, hanging);
  const run = async (host: string): Promise<unknown> => {
    const over = new AbortController();
    const running = response(over.signal).resolve(new URL(`http://${host}/`));
    over.abort(new Error('late'));
    return expect(running).rejects.toThrow('late');
  };
  for (let i = 0; i < 10; i++) await run('a.example');
  expect(request).toEqual(['a.example']);
  for (const host of ['b.example', 'c.example', 'd.example', 'e.example']) await run(host);
  expect(request).toEqual(['a.example', 'b.example', 'c.example']);
  const waiting = response(signal).resolve(new URL('http://d.example/'));
  go.get('a.example')!();
  await expect.poll(() => go.has('d.example')).toBe(true);
  go.get('d.example')!();
  expect((await waiting).addresses).toHaveLength(1);
});

it('ends a probe in time although its look-up hangs', async () => {
  const idle = probe({ name: 'idle', metrics: {}, probe: async (_, { resolve }) => void (await resolve(url)) });
  const url = new URL('http://a.example/');
  for (const target of ['a.example', '192.0.2.1']) {
    const from = performance.now();
    const { status, durationMs, over } = await runProbe(idle, {
      target,
      config: undefined,
      log: silent,
      guard: guard({}, () => new Promise(() => {})),
      deadline: performance.now() + 50,
    });
    expect(status).toBe('timeout');
    expect(durationMs).toBeLessThanOrEqual(performance.now() - from);
    await over;
  }
});

it.each([
  ['http://user:pw@127.0.0.1:80/x', '127.0.0.1', 80, 'http'],
  ['https://example.com', 'example.com', 443, 'https'],
  ['HTTPS://Example.COM:8443', 'example.com', 8443, 'https'],
  ['tcp://0x7f.1:5432', '127.0.0.1', 5432, 'tcp'],
  ['tcp://[::1]:5432', '::1', 5432, 'tcp'],
  ['tcp://db', 'db', undefined, 'tcp'],
  ['example.com:9100', 'example.com', 9100, undefined],
  ['example.com:80', 'example.com', 80, undefined],
  ['example.com', 'example.com', undefined, undefined],
  ['2130706433', '127.0.0.1', undefined, undefined],
  ['0177.0.0.1:80', '127.0.0.1', 80, undefined],
  ['[::1]:9100', '::1', 9100, undefined],
  ['::1', '::1', undefined, undefined],
  ['fe80::1%eth0', 'fe80::1%eth0', undefined, undefined],
])('a target means a place: %s', (target, host, port, scheme) => {
  expect(placeOfTarget(target)).toEqual({ host, port, scheme });
});

it.each(['a b', 'http://', 'file:///etc/passwd', 'example.com:99999', '[::1', ''])('%j means none', (target) => {
  expect(placeOfTarget(target)).toBeUndefined();
});

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8::1', '2001:db8::1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['64:ff9b::c000:201', '192.0.2.1'],
  ['::', '::'],
  ['::1', '::1'],
])('%s is judged as %s', (address, as) => {
  expect(canonicalAddress(address)).toBe(as);
});
