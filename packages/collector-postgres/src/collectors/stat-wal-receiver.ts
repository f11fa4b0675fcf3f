import { families } from '../families.ts';
import { rowsCollector } from '../rows.ts';

const of = families('pg_stat_wal_receiver', ['upstream_host', 'slot_name', 'status']);

/** On a replica: what it has received of its primary. */
export const statWalReceiver = rowsCollector({
  name: 'stat_wal_receiver',
  metrics: {
    start: of.counter('receive_start_lsn', 'First position of the WAL that was received, in bytes.'),
    flushed: of.counter('flushed_lsn', 'Last position of the WAL that was flushed, in bytes.'),
    receive_start_tli: of.gauge('receive_start_tli', 'First timeline that was received.'),
    received_tli: of.gauge('received_tli', 'Last timeline that was received.'),
    sent: of.counter('last_msg_send_time', 'When the last message was sent, in Unix time.'),
    receipt: of.counter('last_msg_receipt_time', 'When the last message was received, in Unix time.'),
    latest: of.counter('latest_end_lsn', 'Last position that was reported to the primary, in bytes.'),
    latest_time: of.counter('latest_end_time', 'When it was reported, in Unix time.'),
    upstream_node: of.gauge('upstream_node', 'Node of repmgr, from the name of the slot.'),
  },
  sql: () => `
    SELECT coalesce(sender_host, '') AS upstream_host, coalesce(slot_name, '') AS slot_name, status,
      receive_start_lsn - '0/0' AS start, flushed_lsn - '0/0' AS flushed, receive_start_tli, received_tli,
      extract(epoch FROM last_msg_send_time) AS sent, extract(epoch FROM last_msg_receipt_time) AS receipt,
      latest_end_lsn - '0/0' AS latest, extract(epoch FROM latest_end_time) AS latest_time,
      substring(slot_name from 'repmgr_slot_([0-9]+)') AS upstream_node
    FROM pg_stat_wal_receiver WHERE status IS NOT NULL`,
});
