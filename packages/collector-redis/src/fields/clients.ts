import type { Fields } from './field.ts';

/** Clients. */
export const clients: Fields = {
  gauges: {
    connected_clients: ['connected_clients', 'Client connections, without those of replicas.'],
    cluster_connections: ['cluster_connections', 'Sockets of the cluster bus.'],
    blocked_clients: ['blocked_clients', 'Clients waiting in a blocking command.'],
    maxclients: ['max_clients', 'Limit on client connections.'],
    tracking_clients: ['tracking_clients', 'Clients with client-side caching.'],
    clients_in_timeout_table: ['clients_in_timeout_table', 'Clients in the timeout table.'],
    pubsub_clients: ['pubsub_clients', 'Clients in pub/sub mode.'],
    watching_clients: ['watching_clients', 'Clients that watch keys.'],
    total_watched_keys: ['total_watched_keys', 'Watched keys.'],
    total_blocking_keys: ['total_blocking_keys', 'Keys that clients block on.'],
    total_blocking_keys_on_nokey: [
      'total_blocking_keys_on_nokey',
      'Keys that clients block on and want to know of when they are deleted.',
    ],
    client_longest_output_list: ['client_longest_output_list', 'Longest output list of any client.'],
    client_biggest_input_buf: [
      'client_biggest_input_buf',
      'Largest input buffer of any client.',
      { name: 'client_biggest_input_buffer_bytes' },
    ],
    client_recent_max_output_buffer: [
      'client_recent_max_output_buffer_bytes',
      'Largest output buffer of any client recently.',
    ],
    client_recent_max_input_buffer: [
      'client_recent_max_input_buffer_bytes',
      'Largest input buffer of any client recently.',
    ],
    paused_timeout_milliseconds: [
      'clients_paused_timeout_seconds',
      'Time until paused clients go on.',
      { name: 'clients_paused_timeout_seconds', divide: 1000 },
    ],
  },
};
