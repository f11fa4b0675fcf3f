/** What an exposition may have: some 100,000 series. With more than that in one group, a Pushgateway has other troubles. */
const MOST_BYTES = 8 * 2 ** 20;

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
