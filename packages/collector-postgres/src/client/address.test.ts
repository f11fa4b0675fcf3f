import { expect, it } from 'vitest';
import { describeAddress, parseAddress } from './address.ts';

it.each([
  ['db', { host: 'db', port: 5432 }],
  ['db:6432', { host: 'db', port: 6432 }],
  ['[::1]:5433', { host: '::1', port: 5433 }],
  ['/run/postgresql', { host: '/run/postgresql', port: 5432 }],
  ['postgres://db', { host: 'db', port: 5432 }],
  ['postgresql://mon@db/shop', { host: 'db', port: 5432, user: 'mon', database: 'shop' }],
  [
    'postgres://mon:p%40ss@db:5433/my%20shop?sslmode=verify-full',
    { host: 'db', port: 5433, user: 'mon', password: 'p@ss', database: 'my shop', sslmode: 'verify-full' },
  ],
  ['postgres:///shop?host=/run/postgresql', { host: '/run/postgresql', port: 5432, database: 'shop' }],
  ['postgres://?host=db&port=5433&user=mon&dbname=shop', { host: 'db', port: 5433, user: 'mon', database: 'shop' }],
])('reads %s', (text, address) => {
  expect(parseAddress(text)).toEqual(address);
});

it.each([
  ['', 'no host'],
  ['mysql://db', 'write postgres:// instead of mysql://'],
  ['postgres://db:0', 'port'],
  ['postgres://db:99999', 'not a valid URL'],
  ['postgres://db?port=x', 'port'],
  ['postgres:///shop', 'no host'],
  ['postgres://db?sslmode=always', 'sslmode is not one of disable, prefer'],
  ['postgres://db?target_session_attrs=any', '"target_session_attrs" is not supported'],
  ['postgres://mon:50%@db', 'write % as %25'],
])('rejects %s', (text, why) => {
  expect(() => parseAddress(text)).toThrow(why);
});

it('never repeats the address, which may hold a password', () => {
  for (const text of ['mysql://u:secret@db', 'postgres://u:secret@db:0', 'postgres://u:secret%@db']) {
    expect(() => parseAddress(text)).toThrow(/^(?!.*secret)/);
  }
});

it('says where it connects to', () => {
  expect(['db', '[::1]:5433', '/run/postgresql'].map((text) => describeAddress(parseAddress(text)))).toEqual([
    'db:5432',
    '[::1]:5433',
    '/run/postgresql/.s.PGSQL.5432',
  ]);
});
