import type { Connection, Submittable } from 'pg';
import type { Row } from './session.ts';

/**
 * One statement, by the extended protocol: a simple query may be several statements. The driver's own query does the same, but
 * describes each result and copies each row, which is most of what a scrape costs.
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
    const { stream, parse, bind, describe, execute } = connection as unknown as Messages;
    stream.cork();
    parse.call(connection, { text: this.#sql });
    bind.call(connection, { values: this.#values });
    describe.call(connection, { type: 'P' });
    execute.call(connection, {});
    connection.sync();
    stream.uncork();
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

interface Messages {
  readonly stream: { cork(): void; uncork(): void };
  parse(statement: { readonly text: string }): void;
  bind(portal: { readonly values: readonly string[] }): void;
  describe(what: { readonly type: 'P' }): void;
  execute(portal: object): void;
}
