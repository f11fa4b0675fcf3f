import type { Writable } from 'node:stream';
import type { Connection, Submittable } from 'pg';
import { messagesOf } from './messages.ts';
import type { Row } from './session.ts';

/**
 * One statement, by the extended protocol: a simple query may be several statements. The driver's own query does the same, but
 * describes each result, copies each row, and makes a message at a time, which is most of what a scrape costs.
 */
export class ExtendedQuery implements Submittable {
  readonly #sql: string;
  readonly #values: readonly string[];
  readonly #settle: Settle;
  readonly #rows: Row[] = [];
  #columns: readonly string[] = [];

  constructor(sql: string, values: readonly string[], settle: Settle) {
    this.#sql = sql;
    this.#values = values;
    this.#settle = settle;
  }

  // The driver calls all of these; its types do not know what they are given.
  submit(connection: Connection): void {
    const stream = connection.stream as Writable;
    // Otherwise the connection is about to end, which the driver tells all its queries.
    if (stream.writable) stream.write(messagesOf(this.#sql, this.#values));
  }

  handleRowDescription({ fields }: { readonly fields: readonly { readonly name: string }[] }): void {
    this.#columns = fields.map(({ name }) => name);
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    const row: Record<string, string | null> = {};
    for (let i = 0; i < fields.length; i++) row[this.#columns[i]!] = fields[i]!;
    this.#rows.push(row);
  }

  handleReadyForQuery(): void {
    this.#settle.resolve(this.#rows);
  }

  handleError(error: unknown): void {
    this.#settle.reject(error);
  }

  handleCommandComplete(): void {}
  handleEmptyQuery(): void {}

  handleCopyInResponse(connection: Connection & { sendCopyFail(reason: string): void }): void {
    connection.sendCopyFail('there is nothing to copy');
    connection.sync(); // the server ignores the first one until the copy is over
  }

  handleCopyData(): void {}

  handlePortalSuspended(): void {
    throw new Error('it suspends a portal that has no limit');
  }
}

/** Told how a query has ended. */
interface Settle {
  resolve(rows: Row[]): void;
  reject(error: unknown): void;
}
