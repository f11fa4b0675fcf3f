import type { Flag } from '../flags/flags.ts';

/** The switch that exporter-toolkit has on Linux. */
export const systemdFlag: Flag = {
  name: 'web.systemd-socket',
  type: 'switch',
  help: 'Listen on the sockets that systemd has opened, instead of on addresses.',
  preset: 'false',
  startOnly: true,
};

/**
 * The addresses of the sockets that systemd hands over. Source: sd_listen_fds(3).
 *
 * @throws Error when there are none for this process.
 */
export function systemdSockets({ LISTEN_PID, LISTEN_FDS }: NodeJS.ProcessEnv, pid: number): string[] {
  const count = Number(LISTEN_FDS);
  if (!Number.isInteger(count) || count < 1) {
    throw new Error('systemd has handed over no socket; start it by a unit of type .socket, or leave this flag out.');
  }
  if (Number(LISTEN_PID) !== pid) {
    throw new Error(`the sockets are for process ${LISTEN_PID}, and this is ${pid}; start it without a wrapper.`);
  }
  return Array.from({ length: count }, (_, i) => `fd:${3 + i}`);
}
