/**
 * One statement with its values, all as text, in PostgreSQL's extended protocol: parse, bind, describe, execute and sync as one
 * buffer, so that a query is one write to the socket.
 *
 * Source: https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export function messagesOf(sql: string, values: readonly string[]): Buffer {
  const sqlBytes = Buffer.byteLength(sql);
  const bound = values.map((value) => Buffer.from(value));
  const boundBytes = bound.reduce((sum, value) => sum + 4 + value.length, 0);
  // Statement and portal are unnamed: empty texts.
  const [parse, bind] = [4 + 1 + sqlBytes + 1 + 2, 4 + 1 + 1 + 2 + 2 * bound.length + 2 + boundBytes + 2 + 2];
  const buffer = Buffer.allocUnsafe(1 + parse + 1 + bind + DESCRIBE_EXECUTE_SYNC.length);

  let at = begin(buffer, 0, PARSE, parse);
  at = buffer.writeUInt8(0, at);
  at += buffer.write(sql, at);
  at = buffer.writeUInt8(0, at);
  at = buffer.writeInt16BE(0, at);

  at = begin(buffer, at, BIND, bind);
  at = buffer.writeInt16BE(0, at);
  at = buffer.writeInt16BE(bound.length, at);
  for (const _ of bound) at = buffer.writeInt16BE(TEXT, at);
  at = buffer.writeInt16BE(bound.length, at);
  for (const value of bound) {
    at = buffer.writeInt32BE(value.length, at);
    at += value.copy(buffer, at);
  }
  // One format for all columns: text.
  at = buffer.writeInt16BE(1, at);
  at = buffer.writeInt16BE(TEXT, at);

  DESCRIBE_EXECUTE_SYNC.copy(buffer, at);
  return buffer;
}

function begin(buffer: Buffer, at: number, type: number, length: number): number {
  return buffer.writeInt32BE(length, buffer.writeUInt8(type, at));
}

const [PARSE, BIND] = [0x50, 0x42]; // P, B
const TEXT = 0;

// The unnamed portal, without a limit of rows.
const DESCRIBE_EXECUTE_SYNC = Buffer.from('D\0\0\0\x06P\0E\0\0\0\x09\0\0\0\0\0S\0\0\0\x04', 'latin1');
