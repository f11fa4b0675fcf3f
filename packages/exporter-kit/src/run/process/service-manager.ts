import { setTimeout as after } from 'node:timers/promises';
import type { Logger } from '../../collect/context.ts';

/** Tells systemd, or what else supervises this process in the same way, how it is. Source: sd_notify(3). */
export interface ServiceManager {
  /** It listens. */
  ready(status: string): void;
  /** Reloads, and says when that begins and is over; before `ready`, says nothing. */
  reloading<T>(reload: () => Promise<T>): Promise<T>;
  /** It shuts down. Resolves when that is sent; a message that takes longer than a second is given up. */
  stopping(): Promise<void>;
}

// As long as systemd-notify may take. A service that is not ready for long is restarted by systemd.
const TIMEOUT_MS = 5000;

/**
 * Returns a manager that says nothing unless `NOTIFY_SOCKET` is set, as it is for units with `Type=notify`. If `WATCHDOG_USEC`
 * is set too, systemd hears twice in that time that the event loop is alive.
 *
 * The socket is a Unix datagram socket, which Node can't open: each message is sent by the program `systemd-notify`, so the
 * unit needs `NotifyAccess=all`. Programs started by collectors don't get the socket.
 */
export function serviceManager(log: Logger, env: NodeJS.ProcessEnv = process.env): ServiceManager {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC, WATCHDOG_PID = String(process.pid), PATH } = env;
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name];
  if (!socket) return { ready() {}, reloading: (reload) => reload(), stopping: async () => {} };

  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  let failed = false;
  function say(...assignments: readonly string[]): void {
    waiting += 1;
    last = last.then(async () => {
      const error = await notify(assignments, { NOTIFY_SOCKET: socket, PATH });
      waiting -= 1;
      if (error === undefined || failed) return;
      failed = true;
      log.warn({ err: error }, 'systemd is not told how this process is; is systemd-notify installed?');
    });
  }

  let isReady = false;
  const watchdogMs = WATCHDOG_PID === String(process.pid) ? Number(WATCHDOG_USEC) / 1000 : Number.NaN;
  return {
    ready(status) {
      isReady = true;
      say('READY=1', `STATUS=${status}`);
      if (watchdogMs > 0) setInterval(() => waiting > 0 || say('WATCHDOG=1'), watchdogMs / 2).unref();
    },
    async reloading(reload) {
      if (!isReady) return reload();
      say('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`);
      try {
        return await reload();
      } finally {
        say('READY=1');
      }
    },
    async stopping() {
      say('STOPPING=1');
      await Promise.race([last, after(1000)]);
    },
  };
}

/** Resolves to what went wrong, if anything. */
async function notify(assignments: readonly string[], env: NodeJS.ProcessEnv): Promise<unknown> {
  const { execFile } = await import('node:child_process');
  return new Promise((resolve) => {
    execFile('systemd-notify', assignments, { env, timeout: TIMEOUT_MS, killSignal: 'SIGKILL' }, (error) =>
      resolve(error ?? undefined),
    );
  });
}
