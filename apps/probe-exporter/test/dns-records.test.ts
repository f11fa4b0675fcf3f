import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { probed } from 'exporter-kit/testing';
import { type BlackboxExporter, needPeers, startBlackboxExporter } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dns } from '../src/dns/dns.ts';
import { typeNumber } from '../src/dns/numbers.ts';
import { dnsRecords } from './dns-records.ts';

// Records of every type, matched by us and by a real blackbox_exporter.

const moduleFor = (index: number, text: string) => ({
  query_name: `${index}.example.org`,
  query_type: 'ANY',
  validate_answer_rrs: { fail_if_none_matches_regexp: [`^\\Q${index}.example.org.\t60\t${text}\\E$`] },
});
const modules = dnsRecords.map(([, , text], index) => moduleFor(index, text));

// blackbox_exporter writes NULL records as a comment with raw bytes, and takes AMTRELAY's discovery bit as part of the type.
const exempt = (text: string): boolean => /TYPE10\t|AMTRELAY\t10 1 /.test(text);

describe.skipIf(!needPeers('blackbox_exporter'))('records beside blackbox_exporter', () => {
  let theirs: BlackboxExporter;
  let target: string;
  const socket = createSocket('udp4');

  beforeAll(async () => {
    // Answers each query with the record whose number is the first label.
    socket.on('message', (bytes, { port, address }) => {
      const [type, hex] = dnsRecords[Number(bytes.subarray(13, 13 + bytes[12]!))]!;
      const data = Buffer.from(hex, 'hex');
      const head = Buffer.from('81800001000100000000', 'hex');
      const record = Buffer.from('c00c000000010000003c0000', 'hex');
      record.writeUInt16BE(typeof type === 'number' ? type : typeNumber(type), 2);
      record.writeUInt16BE(data.length, 10);
      const question = bytes.subarray(12, bytes.indexOf(0, 12) + 5);
      socket.send(Buffer.concat([bytes.subarray(0, 2), head, question, record, data]), port, address);
    });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    target = `127.0.0.1:${socket.address().port}`;
    theirs = await startBlackboxExporter(
      Object.fromEntries(modules.map((module, index) => [index, { prober: 'dns', dns: module }])),
    );
  });
  afterAll(async () => {
    await theirs?.stop();
    socket.close();
  });

  it.each(dnsRecords.map(([type, , text], index) => [type, text, index] as const))('%s %s', async (_, text, index) => {
    const { success } = await probed(dns, target, { config: modules[index] });
    expect(success).toBe(true);
    if (exempt(text)) return;
    expect(await theirs.probe({ target, module: String(index) })).toContain('probe_success 1\n');
  });
});
