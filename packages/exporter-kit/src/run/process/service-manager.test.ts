import { expect, it } from 'vitest';
import { silent } from '../../collect/context.ts';
import { serviceManager } from './service-manager.ts';

it('keeps the socket from programs that collectors start', () => {
  const env = { NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: '1', WATCHDOG_PID: '1', PATH: '/bin' };
  serviceManager(silent, env);
  expect(env).toEqual({ PATH: '/bin' });
});

it('says nothing without a socket, and passes on what a reload returns or throws', async () => {
  const manager = serviceManager(silent, { PATH: '/nowhere' });
  manager.ready('up');
  expect(await manager.reloading(async () => 'done')).toBe('done');
  await expect(manager.reloading(() => Promise.reject(new Error('bad')))).rejects.toThrow('bad');
  await manager.stopping();
});
