import { findPeer, type ProgramName } from './find.ts';
import { pythonClientWorks } from './python.ts';

/** Components for tests; `python-client` is the Python Prometheus client, used by `pythonParse`. */
export type Peer = Exclude<ProgramName, 'python'> | 'python-client';

/**
 * Whether all these components are installed, for `describe.skipIf(!ok)`. If not, prints one line.
 *
 * @example
 * const ok = needPeers('prometheus', 'pushgateway');
 * describe.skipIf(!ok)('scraped by a real Prometheus', () => { … });
 * @throws Error instead if PEERS_REQUIRED is set, as in CI, where no test may be skipped.
 */
export function needPeers(...peers: [Peer, ...Peer[]]): boolean {
  const missing = peers.filter((peer) => !(peer === 'python-client' ? pythonClientWorks() : findPeer(peer)));
  if (missing.length === 0) return true;
  const line = `needs ${missing.join(', ')}; run: sh packages/test-servers/fetch.sh`;
  if (process.env.PEERS_REQUIRED) throw new Error(`PEERS_REQUIRED is set, and this test ${line}`);
  console.warn(`SKIPPED: ${line}`);
  return false;
}
