import { expect, it } from 'vitest';
import { namesOf } from './tls-upgrade.ts';

it.each([
  ['', []],
  [
    'DNS:a.example, IP Address:127.0.0.1, URI:spiffe://x/y, email:a@b.example',
    ['a.example', '127.0.0.1', 'spiffe://x/y', 'a@b.example'],
  ],
  ['IP Address:0:0:0:0:0:0:0:1', ['::1']],
  ['DNS:"a.example, DNS:admin.example"', ['a.example, DNS:admin.example']],
  ['URI:"x\\", DNS:admin.example", DNS:b.example', ['x", DNS:admin.example', 'b.example']],
  ['othername:<unsupported>, DNS:a.example', ['a.example']],
  ['DirName:"CN = admin.example", DNS:a.example', ['a.example']],
  ['DNS:a"b, DNS:admin.example', []],
])('finds the names in %j', (line, names) => {
  expect(namesOf(line)).toEqual(names);
});
