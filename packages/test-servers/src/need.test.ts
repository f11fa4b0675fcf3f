import { afterEach, expect, it, vi } from 'vitest';
import * as find from './find.ts';
import { needPeers } from './need.ts';

vi.mock('./find.ts', { spy: true });

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

it('returns true without output if everything is installed', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  vi.mocked(find.findPeer).mockReturnValue('/usr/bin/prometheus');
  expect(needPeers('prometheus', 'promtool')).toBe(true);
  expect(warn).not.toHaveBeenCalled();
});

it('prints one line with what is missing', () => {
  vi.stubEnv('PEERS_REQUIRED', '');
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  vi.mocked(find.findPeer).mockImplementation((name) => (name === 'prometheus' ? '/usr/bin/prometheus' : undefined));
  expect(needPeers('prometheus', 'pushgateway', 'python-client')).toBe(false);
  expect(warn.mock.calls).toEqual([
    ['SKIPPED: needs pushgateway, python-client; run: sh packages/test-servers/fetch.sh'],
  ]);
});

it('throws if skipping is not allowed', () => {
  vi.stubEnv('PEERS_REQUIRED', '1');
  vi.mocked(find.findPeer).mockReturnValue(undefined);
  expect(() => needPeers('node_exporter')).toThrow('PEERS_REQUIRED is set, and this test needs node_exporter');
});
