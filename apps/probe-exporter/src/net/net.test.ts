import { describe, expect, it } from 'vitest';
import { choose } from './address.ts';
import { distinguishedName } from './distinguished-name.ts';
import { readHostPort } from './host-port.ts';

describe('the chosen address', () => {
  const [four, six] = [
    { address: '192.0.2.1', family: 4 as const },
    { address: '2001:db8::1', family: 6 as const },
  ];
  it.each([
    ['ip6', true, [four, six], six],
    ['ip4', true, [six, four], four],
    ['ip6', true, [four], four],
    ['ip4', false, [six], undefined],
  ] as const)('by %s, fallback %s', (preferred_ip_protocol, ip_protocol_fallback, addresses, wanted) => {
    const chosen = () =>
      choose({ addresses, lookup: () => {}, lookupMs: 5 } as never, { preferred_ip_protocol, ip_protocol_fallback });
    if (wanted === undefined) expect(chosen).toThrow('has no IPv4 address');
    else expect(chosen()).toEqual({ ...wanted, lookupSeconds: 0.005 });
  });
});

it.each([
  ['example.com:443', undefined, 'example.com', 443],
  ['[::1]:443', undefined, '::1', 443],
  ['example.com', 53, 'example.com', 53],
  ['[::1]', 53, '::1', 53],
  ['2001:db8::1', 53, '2001:db8::1', 53],
])('reads %s as host and port', (target, preset, host, port) => {
  expect(readHostPort(target, 'x', preset)).toEqual({ host, port, scheme: 'x' });
});

it.each(['example.com', 'example.com:', 'example.com:0', 'example.com:70000', 'http://example.com:80', '', '::1'])(
  'rejects %j',
  (target) => {
    expect(() => readHostPort(target, 'x')).toThrow('the target is not a host:port');
  },
);

it.each([
  [{ CN: 'localhost', O: 'Acme, Inc', C: 'DE' }, 'CN=localhost,O=Acme\\, Inc,C=DE'],
  [{ OU: ['a', 'b'], CN: ' x' }, 'CN=\\ x,OU=a+OU=b'],
])('writes %j as Go does', (name, text) => {
  expect(distinguishedName(name as never)).toBe(text);
});
