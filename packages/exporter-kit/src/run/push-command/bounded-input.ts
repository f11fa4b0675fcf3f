/** What an exposition may have, whoever writes it; a Pushgateway with that much in one group has other troubles. */
export const MOST_BYTES: number = 16 * 2 ** 20;

/**
 * Reads a stream to its end, but no more than an exposition may have.
 *
 * @throws Error when there is more; the rest is left unread.
 */
export async function readBounded(stream: AsyncIterable<Buffer>, most: number = MOST_BYTES): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > most) throw new Error(`there are more than ${most / 2 ** 20} MiB; push less at once`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
