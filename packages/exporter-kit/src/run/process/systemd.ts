/**
 * Addresses of the sockets that systemd passes. Source: sd_listen_fds(3).
 *
 * @throws Error if there are none for this process.
 */
export function systemdSockets({ LISTEN_PID, LISTEN_FDS }: NodeJS.ProcessEnv, pid: number): string[] {
  const count = Number(LISTEN_FDS);
  if (!Number.isInteger(count) || count < 1) {
    throw new Error('systemd has passed no socket; start the service from a .socket unit, or leave this flag out.');
  }
  if (Number(LISTEN_PID) !== pid) {
    throw new Error(`the sockets are for process ${LISTEN_PID}, not ${pid}; start it without a wrapper.`);
  }
  return Array.from({ length: count }, (_, i) => `fd:${3 + i}`);
}
