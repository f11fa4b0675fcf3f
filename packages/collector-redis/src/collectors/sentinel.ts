import { collector, gauge, info, type SourceCollector, unsupported } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import type { RedisClient } from '../client/client.ts';
import { type Names, naming } from '../names.ts';
import { parseFields, parseNumber } from '../parse/fields.ts';
import { listOf, textMapOf, textOf } from '../parse/reply.ts';
import { type Reading, redis } from '../source.ts';
import { isSecret } from './secrets.ts';

const master = ['master_name', 'master_address'] as const;

/** Plain fields of the section Sentinel of INFO. */
function totals(name: ReturnType<typeof naming>) {
  return {
    sentinel_masters: gauge({ ...name('sentinel_masters'), help: 'Primaries this sentinel watches.' }),
    sentinel_tilt: gauge({ ...name('sentinel_tilt'), help: 'Whether the sentinel is in TILT mode.' }),
    sentinel_running_scripts: gauge({ ...name('sentinel_running_scripts'), help: 'Scripts that are running.' }),
    sentinel_scripts_queue_length: gauge({ ...name('sentinel_scripts_queue_length'), help: 'Scripts that wait.' }),
    sentinel_simulate_failure_flags: gauge({
      ...name('sentinel_simulate_failure_flags'),
      help: 'Simulated failures, as a bit mask.',
    }),
  };
}

/** Gauges of each primary. */
function perMaster(name: ReturnType<typeof naming>) {
  const one = (classic: string, help: string, clean?: string) =>
    gauge({ ...name(`sentinel_master_${classic}`, `sentinel_master_${clean ?? classic}`), help, labels: master });
  return {
    slaves: one('slaves', 'Replicas of a primary.'),
    sentinels: one('sentinels', 'Sentinels that watch a primary.'),
    okSlaves: one('ok_slaves', 'Replicas of a primary that are well.'),
    okSentinels: one('ok_sentinels', 'Sentinels of a primary that are well.'),
    quorum: one('setting_ckquorum', 'Configured quorum of a primary.'),
    failover: one('setting_failover_timeout', 'Configured timeout of a failover.', 'setting_failover_timeout_seconds'),
    syncs: one('setting_parallel_syncs', 'Configured number of replicas that sync at once.'),
    downAfter: one(
      'setting_down_after_milliseconds',
      'Configured time without an answer after which a primary is down.',
      'setting_down_after_seconds',
    ),
    epoch: one('config_epoch', 'Epoch of the configuration of a primary; a failover increments it.'),
    ping: one('last_ok_ping_reply_seconds', 'Time since a primary last answered PING.'),
  };
}

/** What a sentinel knows. */
export function sentinel(names: Names = 'classic'): SourceCollector<RedisClient, Reading> {
  const name = naming(names);
  const milliseconds = names === 'clean' ? 1000 : 1;
  return collector({
    name: 'sentinel',
    source: redis,
    config: z.object({
      peers: z.boolean().default(false).describe('Whether the other sentinels are served, one series each.'),
      values: z.boolean().default(false).describe('Whether the settings of the sentinel are served; never passwords.'),
    }),
    metrics: {
      ...totals(name),
      ...perMaster(name),
      status: gauge({
        ...name('sentinel_master_status'),
        help: 'Whether a primary is up.',
        labels: [...master, 'master_status'],
      }),
      ckquorum: gauge({
        ...name('sentinel_master_ckquorum_status'),
        help: 'Whether the quorum of a primary can be reached.',
        labels: ['master_name', 'message'],
      }),
      peer: info({
        ...name('sentinel_peer_info'),
        help: 'Another sentinel of a primary.',
        labels: [...master, 'name', 'ip', 'port', 'runid', 'flags'],
      }),
      text: gauge({ ...name('sentinel_config_key_value'), help: 'A setting, as text.', labels: ['key', 'value'] }),
      number: gauge({ ...name('sentinel_config_value'), help: 'A setting, as a number.', labels: ['key'] }),
    },
    async collect(writers, { reading, client, signal, config }) {
      const section = reading.info.section('sentinel');
      if (section.length === 0) unsupported('the server is not a sentinel');
      for (const [field, value] of section) {
        const number = parseNumber(value);
        if (field in totals(name) && number !== undefined) writers[field as 'sentinel_masters'].set(number);
        if (!/^master\d+$/.test(field)) continue;
        const of = parseFields(value);
        const [slaves, sentinels] = [parseNumber(of.get('slaves')), parseNumber(of.get('sentinels'))];
        if (slaves === undefined || sentinels === undefined) continue;
        const labels = { master_name: of.get('name') ?? '', master_address: of.get('address') ?? '' };
        const master_status = of.get('status') ?? '';
        writers.status.set({ ...labels, master_status }, master_status === 'ok' ? 1 : 0);
        writers.slaves.set(labels, slaves);
        writers.sentinels.set(labels, sentinels);
      }
      const ask = (...words: string[]) => client.command(['SENTINEL', ...words], { signal });
      const about = async (...words: string[]) =>
        listOf(await ask(...words), `SENTINEL ${words[0]}`).map((one) => textMapOf(one, `SENTINEL ${words[0]}`));
      for (const one of await about('MASTERS')) {
        const master_name = one.get('name') ?? '';
        const labels = { master_name, master_address: `${one.get('ip')}:${one.get('port')}` };
        const set = (writer: (typeof writers)['epoch'], field: string, divisor = 1): void => {
          const value = parseNumber(one.get(field));
          if (value !== undefined) writer.set(labels, value / divisor);
        };
        set(writers.quorum, 'quorum');
        set(writers.failover, 'failover-timeout', milliseconds);
        set(writers.syncs, 'parallel-syncs');
        set(writers.downAfter, 'down-after-milliseconds', milliseconds);
        set(writers.epoch, 'config-epoch');
        set(writers.ping, 'last-ok-ping-reply', 1000);
        const quorum = await quorumOf(ask('CKQUORUM', master_name));
        writers.ckquorum.set({ master_name, message: quorum.message }, quorum.reached ? 1 : 0);
        const [sentinels, slaves] = [await about('SENTINELS', master_name), await about('SLAVES', master_name)];
        writers.okSentinels.set(labels, 1 + sentinels.filter(isWell).length);
        writers.okSlaves.set(labels, slaves.filter(isWell).length);
        for (const peer of config.peers ? sentinels : []) {
          const [peerName, ip, port] = [peer.get('name') ?? '', peer.get('ip') ?? '', peer.get('port') ?? ''];
          const [runid, flags] = [peer.get('runid') ?? '', peer.get('flags') ?? ''];
          writers.peer.set({ ...labels, name: peerName, ip, port, runid, flags });
        }
      }
      if (!config.values) return;
      for (const [key, value] of textMapOf(await ask('CONFIG', 'GET', '*'), 'SENTINEL CONFIG GET')) {
        if (isSecret(key)) continue;
        writers.text.set({ key, value }, 1);
        const number = parseNumber(value);
        if (number !== undefined) writers.number.set({ key }, number);
      }
    },
  });
}

const isWell = (one: ReadonlyMap<string, string>): boolean => !/[os]_down/.test(one.get('flags') ?? 's_down');

/** The server says it in a reply, or in an error. */
async function quorumOf(reply: Promise<unknown>): Promise<{ readonly reached: boolean; readonly message: string }> {
  try {
    return { reached: true, message: textOf((await reply) as string, 'SENTINEL CKQUORUM') };
  } catch (error) {
    if (error instanceof Error && /^NOQUORUM|^NOGOODSLAVE/.test(error.message))
      return { reached: false, message: error.message };
    throw error;
  }
}
