import { expect, it } from 'vitest';
import { parseAddress, urlOf } from './address.ts';

it.each([
  ['127.0.0.1:9100', { host: '127.0.0.1', port: 9100 }, 'http://127.0.0.1:9100/'],
  [':9100', { host: '', port: 9100 }, 'http://localhost:9100/'],
  ['[::1]:0', { host: '::1', port: 0 }, 'http://[::1]:0/'],
  ['localhost:80', { host: 'localhost', port: 80 }, 'http://localhost:80/'],
  ['0.0.0.0:1', { host: '0.0.0.0', port: 1 }, 'http://localhost:1/'],
])('reads %s', (text, address, url) => {
  expect(parseAddress(text)).toEqual(address);
  expect(urlOf(address)).toBe(url);
});

it.each(['', '9100', 'host', 'host:', ':99999', '::1:9100', 'a b:1', 'http://a:1', '[::1]', ':-1'])(
  'refuses %j',
  (text) => {
    expect(() => parseAddress(text)).toThrow(/is not an address; write host:port/);
  },
);
