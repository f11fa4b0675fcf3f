import { EventEmitter } from 'node:events';
import { Connection } from 'pg';
import { expect, it } from 'vitest';
import { messagesOf } from './messages.ts';

/** What the driver sends of the same. */
function driverSends(text: string, values: readonly string[]): Buffer {
  const sent: Buffer[] = [];
  const stream = Object.assign(new EventEmitter(), {
    writable: true,
    write: (part: Buffer) => sent.push(Buffer.from(part)),
  });
  const connection = new Connection({ stream } as never) as unknown as {
    parse(statement: { readonly text: string }): void;
    bind(portal: { readonly values: readonly string[] }): void;
    describe(what: { readonly type: string }): void;
    execute(portal: object): void;
    sync(): void;
  };
  connection.parse({ text });
  connection.bind({ values });
  connection.describe({ type: 'P' });
  connection.execute({});
  connection.sync();
  return Buffer.concat(sent);
}

it.each([
  ['SELECT 1', []],
  ['SELECT $1, $2', ['', 'two']],
  ["SELECT 'größe', $1", ['naïve ☃']],
])('are what the driver sends: %s', (sql, values) => {
  expect(messagesOf(sql, values)).toEqual(driverSends(sql, values));
});
