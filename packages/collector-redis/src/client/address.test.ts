import { expect, it } from 'vitest';
import { parseAddress } from './address.ts';

it.each([
  ['redis://db:6380/3', { host: 'db', port: 6380, tls: false, database: 3 }],
  ['redis://db', { host: 'db', port: 6379, tls: false, database: 0 }],
  ['rediss://DB.corp', { host: 'DB.corp', port: 6379, tls: true, database: 0 }],
  ['valkey://db:1', { host: 'db', port: 1, tls: false, database: 0 }],
  ['valkeys://db/', { host: 'db', port: 6379, tls: true, database: 0 }],
  ['db:6380', { host: 'db', port: 6380, tls: false, database: 0 }],
  ['10.0.0.1', { host: '10.0.0.1', port: 6379, tls: false, database: 0 }],
  ['redis://[::1]:6380', { host: '::1', port: 6380, tls: false, database: 0 }],
  ['[::1]:6380', { host: '::1', port: 6380, tls: false, database: 0 }],
  ['unix:///run/redis/redis.sock', { path: '/run/redis/redis.sock', database: 0 }],
  ['unix:///run/a%20b.sock?db=2', { path: '/run/a b.sock', database: 2 }],
])('reads %s', (text, address) => expect(parseAddress(text)).toEqual(address));

it.each([
  ['redis://u:secret@db', 'credentials do not belong into the address'],
  ['redis://:secret@db', 'credentials do not belong into the address'],
  ['http://db:6379', 'unknown scheme http://'],
  ['redis://', 'the host is missing'],
  ['redis://db/users', 'the database must be a number'],
  ['unix://run/redis.sock', 'three slashes'],
  ['unix:///run/redis.sock?db=x', 'the database must be a number'],
  ['redis://db:99999', 'not an address'],
  ['', 'the host is missing'],
  ['a b', 'not an address'],
])('refuses %s', (text, why) => {
  expect(() => parseAddress(text)).toThrow(why);
  expect(() => parseAddress(text)).not.toThrow('secret');
});
