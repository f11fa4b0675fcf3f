import { randomInt } from 'node:crypto';
import { gauge, type Probe, probe } from 'exporter-kit';
import { addressMetrics, chooseAddress } from '../net/address.ts';
import { dial } from '../net/dial.ts';
import { readHostPort } from '../net/host-port.ts';
import { startTls } from '../net/tls.ts';
import { type DnsConfig, dnsConfig } from './config.ts';
import { byConnection, byDatagrams, type Line } from './exchange.ts';
import type { DnsAnswer, Question } from './message.ts';
import { recordsFailure } from './validate.ts';

const phases = ['resolve', 'connect', 'request'] as const;

/** Queries a name server over UDP, TCP or TLS, and validates its answer. */
export const dns: Probe = probe({
  name: 'dns',
  config: dnsConfig,
  metrics: {
    ...addressMetrics,
    duration: gauge({
      name: 'probe_dns_duration_seconds',
      help: 'Duration of the query, by phase.',
      unit: 'seconds',
      labels: { phase: phases },
    }),
    answer: gauge({ name: 'probe_dns_answer_rrs', help: 'Records in the answer section.' }),
    authority: gauge({ name: 'probe_dns_authority_rrs', help: 'Records in the authority section.' }),
    additional: gauge({ name: 'probe_dns_additional_rrs', help: 'Records in the additional section.' }),
    succeeded: gauge({
      name: 'probe_dns_query_succeeded',
      help: 'Whether the server answered, with any response code.',
    }),
    serial: gauge({ name: 'probe_dns_serial', help: 'Serial number of the zone, if the query type is SOA.' }),
  },
  async probe(write, { target, config, resolve, signal, log }) {
    const seconds = { resolve: 0, connect: 0, request: 0 };
    let line: Line | undefined;
    let answer: DnsAnswer | undefined;
    try {
      const scheme = config.dns_over_tls ? 'dot' : 'dns';
      const { host, port } = readHostPort(target, scheme, config.dns_over_tls ? 853 : 53);
      const address = await chooseAddress(write, resolve, { host, port, scheme }, config);
      seconds.resolve = address.lookupSeconds;

      let since = performance.now();
      const { transport_protocol, source_ip_address: from } = config;
      if (transport_protocol === 'udp') line = await byDatagrams(address, port, signal, from);
      else {
        const socket = await dial(address, port, signal, from);
        line = byConnection(socket, signal);
        if (config.dns_over_tls) line = byConnection(await startTls(socket, host, config.tls_config, signal), signal);
      }
      seconds.connect = (performance.now() - since) / 1000;

      since = performance.now();
      const { query_name: name, query_type: type } = config;
      log.debug({ name, type, address: address.address, port }, 'sending query');
      try {
        answer = await line.ask(questionOf(config));
      } finally {
        seconds.request = (performance.now() - since) / 1000;
      }
      log.debug({ rcode: answer.rcode, answers: answer.answers.length }, 'received answer');
      const failure = failureOf(answer, config);
      if (failure !== undefined) throw new Error(failure);
    } finally {
      for (const phase of phases) write.duration.set({ phase }, seconds[phase]);
      write.answer.set(answer?.answers.length ?? 0);
      write.authority.set(answer?.authorities.length ?? 0);
      write.additional.set(answer?.additionals.length ?? 0);
      write.succeeded.set(answer === undefined ? 0 : 1);
      if (answer !== undefined && config.query_type === 'SOA') write.serial.set(serialOf(answer));
      line?.close();
    }
  },
});

function questionOf({ query_name, query_type, query_class, recursion_desired }: DnsConfig): Question {
  return {
    id: randomInt(0x10000),
    name: query_name,
    type: query_type,
    class: query_class,
    recursion: recursion_desired,
  };
}

function failureOf({ rcode, ...sections }: DnsAnswer, config: DnsConfig): string | undefined {
  if (!config.valid_rcodes.includes(rcode)) return `the answer is ${rcode}, not ${config.valid_rcodes.join(' or ')}`;
  return (
    recordsFailure('answer', sections.answers, config.validate_answer_rrs) ??
    recordsFailure('authority', sections.authorities, config.validate_authority_rrs) ??
    recordsFailure('additional', sections.additionals, config.validate_additional_rrs)
  );
}

/** 0 without an SOA record, as in blackbox_exporter. */
const serialOf = ({ answers }: DnsAnswer): number =>
  Number(
    answers
      .find(({ type }) => type === 'SOA')
      ?.text.split(' ')
      .at(-5) ?? 0,
  );
