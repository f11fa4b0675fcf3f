import type { Fields } from './field.ts';

/** Server, Threads, CPU and TLS. */
export const server: Fields = {
  gauges: {
    uptime_in_seconds: ['uptime_in_seconds', 'Time since the server started.'],
    process_id: ['process_id', 'Process ID of the server.'],
    hz: ['hz', 'Frequency of background tasks, per second.'],
    configured_hz: ['configured_hz', 'Configured frequency of background tasks, per second.'],
    clients_hz: ['clients_hz', 'Frequency of background tasks for clients, per second.'],
    io_threads_active: ['io_threads_active', 'Whether I/O threads are active.'],
    tls_server_cert_expires_in_seconds: ['tls_server_cert_expires_in_seconds', 'Time until the certificate expires.'],
    tls_client_cert_expires_in_seconds: [
      'tls_client_cert_expires_in_seconds',
      'Time until the certificate for outgoing connections expires.',
    ],
    tls_ca_cert_expires_in_seconds: ['tls_ca_cert_expires_in_seconds', 'Time until the CA certificate expires.'],
    // KeyDB
    server_threads: ['server_threads_total', 'Threads that serve clients.', { name: 'server_threads' }],
    long_lock_waits: [
      'long_lock_waits_total',
      'Long waits for the global lock.',
      { name: 'long_lock_waits_total', kind: 'counter' },
    ],
    current_client_thread: ['current_client_thread', 'Thread that serves the connection of the exporter.'],
    // Valkey 9
    engines_count: ['scripting_engines', 'Scripting engines.'],
    engines_total_used_memory: ['scripting_engines_used_memory_bytes', 'Memory used by scripting engines.'],
    engines_total_memory_overhead: ['scripting_engines_overhead_bytes', 'Memory for managing scripting engines.'],
  },
  counters: {
    used_cpu_sys: ['cpu_sys_seconds_total', 'System CPU time of the server.'],
    used_cpu_user: ['cpu_user_seconds_total', 'User CPU time of the server.'],
    used_cpu_sys_children: ['cpu_sys_children_seconds_total', 'System CPU time of background processes.'],
    used_cpu_user_children: ['cpu_user_children_seconds_total', 'User CPU time of background processes.'],
    used_cpu_sys_main_thread: ['cpu_sys_main_thread_seconds_total', 'System CPU time of the main thread.'],
    used_cpu_user_main_thread: ['cpu_user_main_thread_seconds_total', 'User CPU time of the main thread.'],
    used_active_time_main_thread: ['active_time_main_thread_seconds_total', 'Busy time of the main thread.'],
  },
};
