import { describe, expect, it } from 'vitest';
import { proxyRules, proxySettings } from './proxy-rules.ts';

const PROXY = 'http://proxy:3128';

describe('NO_PROXY', () => {
  it.each([
    ['', 'http://example.com/', true],
    ['', 'http://localhost:9091/', false],
    ['', 'http://127.3.2.1/', false],
    ['', 'http://[::1]:80/', false],
    ['*', 'http://example.com/', false],
    ['example.com', 'http://example.com/', false],
    ['example.com', 'http://www.example.com/', false],
    ['example.com', 'http://notexample.com/', true],
    ['EXAMPLE.com', 'http://example.com/', false],
    ['.example.com', 'http://example.com/', true],
    ['.example.com', 'http://www.example.com/', false],
    ['*.example.com', 'http://www.example.com/', false],
    ['*.example.com', 'http://example.com/', true],
    ['example.com:8080', 'http://example.com:8080/', false],
    ['example.com:8080', 'http://example.com/', true],
    ['example.com:443', 'https://example.com/', false],
    ['other, example.com ', 'http://example.com/', false],
    ['10.0.0.0/8', 'http://10.1.2.3/', false],
    ['10.0.0.0/8', 'http://11.1.2.3/', true],
    ['10.0.0.0/33', 'http://10.1.2.3/', true],
    ['fd00::/8', 'http://[fd00::1]/', false],
    ['192.0.2.1', 'http://192.0.2.1:81/', false],
    ['192.0.2.1:80', 'http://192.0.2.1/', false],
    ['192.0.2.1:80', 'http://192.0.2.1:81/', true],
    ['[2001:db8::1]:80', 'http://[2001:db8::1]/', false],
    ['2001:db8::1', 'http://[2001:db8::1]:81/', false],
    [',,', 'http://example.com/', true],
  ])('%j: %s goes through the proxy: %s', (no, url, through) => {
    const proxy = proxyRules({ http: PROXY, https: PROXY, no })(new URL(url));
    expect(proxy?.host).toBe(through ? 'proxy:3128' : undefined);
  });

  it('is also about the address that a name was resolved to', () => {
    expect(proxyRules({ http: PROXY, no: '10.0.0.0/8' })(new URL('http://db/'), '10.0.0.1')).toBeUndefined();
  });
});

describe('the environment', () => {
  it.each([
    [{ HTTP_PROXY: 'a', http_proxy: 'b' }, 'a', undefined],
    [{ http_proxy: 'b', https_proxy: 'c' }, 'b', 'c'],
    [{ HTTP_PROXY: '', http_proxy: 'b' }, 'b', undefined],
    [{ HTTP_PROXY: 'a', HTTPS_PROXY: 'c', REQUEST_METHOD: 'GET' }, undefined, 'c'],
    [{ ALL_PROXY: 'a' }, undefined, undefined],
  ])('%j', (env, http, https) => {
    expect(proxySettings(env)).toMatchObject({ http, https });
  });

  it('chooses by the scheme of the URL', () => {
    const rules = proxyRules({ http: 'one:1', https: 'https://two:2' });
    expect(rules(new URL('http://x/'))?.href).toBe('http://one:1/');
    expect(rules(new URL('https://x/'))?.href).toBe('https://two:2/');
  });
});

it.each([
  ['socks5://proxy:1080', /socks5 proxies are not supported/],
  ['http://me:hunter2@[', /is not a URL/],
])('%s is refused', (http, message) => {
  const make = (): unknown => proxyRules({ http });
  expect(make).toThrow(message);
  expect(make).not.toThrow('hunter2');
});
