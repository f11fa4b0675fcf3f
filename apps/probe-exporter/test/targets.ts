import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createSecure1 } from 'node:https';
import { type AddressInfo, createServer as createPlain, type Server, type Socket } from 'node:net';
import { createServer as createTls, TLSSocket } from 'node:tls';
import dnsPacket, { type Packet } from 'dns-packet';
import type { Certificate } from 'test-servers';

/** A server to probe. */
export interface Target {
  readonly address: string;
  readonly port: number;
  close(): void;
}

/** The responses of the HTTP servers. */
export const site: RequestListener = (request, response) => {
  response.on('error', () => {});
  switch (new URL(request.url ?? '/', 'http://localhost').pathname) {
    case '/':
      response.setHeader('last-modified', 'Sun, 09 Sep 2001 01:46:40 GMT');
      response.setHeader('x-colour', 'blue');
      return response.end('hello, world');
    case '/chunked':
      response.write('in two ');
      return response.end('parts');
    case '/empty':
      return response.writeHead(204).end();
    case '/redirect':
      return response.writeHead(302, { location: '/' }).end('this way');
    case '/twice':
      return response.writeHead(301, { location: '/redirect' }).end();
    case '/loop':
      return response.writeHead(302, { location: '/loop' }).end();
    case '/echo': {
      const { host, authorization = '' } = request.headers;
      response.setHeader('content-type', 'text/plain');
      request.setEncoding('utf8');
      let body = '';
      request.on('data', (part: string) => {
        body += part;
      });
      return request.on('end', () => response.end([request.method, host, authorization, body].join('\n')));
    }
    case '/slow':
      return undefined;
    default:
      return response.writeHead(404).end('not here');
  }
};

/** Serves the site over HTTP/1.1. */
export const httpSite = (): Promise<Target> => listening(createServer(site));

/** Serves the site over TLS, with HTTP/1.1 alone. */
export const httpsSite = (certificate: Certificate): Promise<Target> =>
  listening(createSecure1(filesOf(certificate), site));

/** Serves the site over TLS, with HTTP/2 and HTTP/1.1. */
export const http2Site = (certificate: Certificate): Promise<Target> =>
  listening(createSecureServer({ ...filesOf(certificate), allowHTTP1: true }, site as never));

/** Sends an SSH banner, and closes the connection after a reply. */
export const sshServer = (): Promise<Target> =>
  listening(
    createPlain((socket) => {
      socket.on('error', () => {});
      socket.write('welcome\r\nSSH-2.0-OpenSSH_9.6 Test\r\n');
      socket.once('data', () => socket.end());
    }),
  );

/** An SMTP server with STARTTLS. */
export const smtpServer = (certificate: Certificate): Promise<Target> =>
  listening(
    createPlain((socket) => {
      socket.on('error', () => {});
      socket.write('220 mail.example ESMTP\r\n');
      socket.once('data', () => {
        socket.write('250-mail.example\r\n250 STARTTLS\r\n');
        socket.once('data', () => {
          socket.write('220 go ahead\r\n', () => {
            const secure = new TLSSocket(socket, { isServer: true, ...filesOf(certificate) });
            secure.on('error', () => {});
            secure.once('data', () => secure.write('250 secure\r\n'));
          });
        });
      });
    }),
  );

/** Accepts TLS connections, without a protocol above. */
export const tlsServer = (certificate: Certificate): Promise<Target> =>
  listening(createTls(filesOf(certificate), (socket) => socket.on('error', () => {})).on('tlsClientError', () => {}));

/** A name server for `example.org`, over UDP and TCP at the same port. */
export async function nameServer(): Promise<Target> {
  const tcp = createPlain((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      socket.write(dnsPacket.streamEncode(answerTo(dnsPacket.streamDecode(bytes))));
    });
  });
  const { address, port, close } = await listening(tcp);
  const udp = createSocket('udp4');
  udp.on('message', (bytes, from) =>
    udp.send(dnsPacket.encode(answerTo(dnsPacket.decode(bytes))), from.port, from.address),
  );
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  return {
    address,
    port,
    close() {
      close();
      udp.close();
    },
  };
}

function answerTo({ id, questions: [question] = [] }: Packet): Packet {
  const head = { id, type: 'response' as const, questions: question === undefined ? [] : [question] };
  const [name, ttl] = ['example.org', 3600];
  if (question?.name !== name) return { ...head, flags: 3 };
  const authorities = [{ type: 'NS' as const, name, ttl, data: 'ns.example.org' }];
  switch (question.type) {
    case 'A': {
      const answers = ['192.0.2.1', '192.0.2.2'].map((data) => ({ type: 'A' as const, name, ttl, data }));
      return {
        ...head,
        answers,
        authorities,
        additionals: [{ type: 'A', name: 'ns.example.org', ttl, data: '192.0.2.9' }],
      };
    }
    case 'SOA': {
      const data = {
        mname: 'ns.example.org',
        rname: 'root.example.org',
        serial: 2026112201,
        refresh: 1,
        retry: 2,
        expire: 3,
        minimum: 4,
      };
      return { ...head, answers: [{ type: 'SOA', name, ttl, data }] };
    }
    default:
      return head;
  }
}

function filesOf({ cert, key }: Certificate) {
  return { cert: readFileSync(cert), key: readFileSync(key) };
}

async function listening(server: Server): Promise<Target> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
