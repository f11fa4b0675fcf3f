import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export async function startStore(): Promise<{ url: string; objects: Map<string, string> }> {
  const objects = new Map<string, string>();
  const server = createServer(async (request, response) => {
    const { method, url = '' } = request;
    if (method === 'PUT') objects.set(url, await text(request));
    const found = objects.get(url);
    if (method === 'DELETE') objects.delete(url);
    response.writeHead(found === undefined ? 404 : 200).end(found);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, objects };
}
