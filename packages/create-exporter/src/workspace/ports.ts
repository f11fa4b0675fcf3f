import { UserError } from '../user-error.ts';
import type { Owners } from './inventory.ts';

/** Outside the registry of well-known exporters (9100–9999) and below Linux's ephemeral ports. */
export const firstPort = 19100;
export const lastPort = 19999;

/**
 * The lowest port from 19100 to 19999 that is free in the workspace.
 *
 * @throws UserError if all are taken.
 */
export function freePort(taken: Owners<number>): number {
  for (let port = firstPort; port <= lastPort; port++) if (!taken.has(port)) return port;
  throw new UserError(`all ports from ${firstPort} to ${lastPort} are in use; choose one with --port.`);
}

/** @throws UserError naming the owner of this port. */
export function checkPort(port: number, taken: Owners<number>): number {
  const owners = taken.get(port);
  if (owners === undefined) return port;
  throw new UserError(
    `port ${port} is used by ${owners.join(' and ')}; choose another with --port, or omit it for a free one.`,
  );
}
