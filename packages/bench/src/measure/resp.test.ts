import { expect, it } from 'vitest';
import { commandsIn } from './resp.ts';

const ping = '*1\r\n$4\r\nPING\r\n';
// Its second word holds what looks like another command.
const echo = '*2\r\n$4\r\nECHO\r\n$14\r\n*1\r\n$4\r\nPING\r\n\r\n';

it.each([0, 1, 5, 14, 20, 40, 43, 54])(
  'finds commands in what has come so far, of which %d bytes are left for later',
  (left) => {
    const bytes = Buffer.from(ping + echo + ping);
    const found = commandsIn(bytes.subarray(0, bytes.length - left));
    const again = commandsIn(Buffer.concat([found.left, bytes.subarray(bytes.length - left)]));
    expect([...found.commands, ...again.commands].map(String)).toEqual([ping, echo, ping]);
    expect(again.left.length).toBe(0);
  },
);

it('rejects what is no array of strings', () => {
  expect(() => commandsIn(Buffer.from('PING\r\n'))).toThrow('not a command: "PING"');
  expect(() => commandsIn(Buffer.from('*1\r\n:4\r\n'))).toThrow('not a command: ":4"');
});
