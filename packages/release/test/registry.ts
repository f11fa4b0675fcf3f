import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { REGISTRY_DATE, startListening } from 'test-servers';
import { succeed } from './pack.ts';

/** A registry of our own, which has all other packages, as of a date, from the one that this machine uses. */
export interface Registry {
  readonly url: string;
  /** A home folder in which nobody has been, with nothing but the address of the registry; and yarn 4 on PATH. */
  newHome(): Promise<{ readonly folder: string; readonly env: { readonly [name: string]: string } }>;
  /** @param what a tarball, or a folder with a package. */
  publish(what: string, ...flags: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

export async function startRegistry(own: readonly string[]): Promise<Registry> {
  const folder = await mkdtemp(join(tmpdir(), 'registry-'));
  // One of its packages asks for a version by a tag, which not every mirror of npm's registry has.
  const manifest = { private: true, overrides: { 'node-fetch': '2.7.0' } };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  const uplink = (await succeed(['npm', 'config', 'get', 'registry'], folder)).stdout.trim();
  const ours = Object.fromEntries(own.map((name) => [name, { access: '$all', publish: '$all' }]));
  const config = join(folder, 'verdaccio.yaml');
  await writeFile(
    config,
    JSON.stringify({
      storage: join(folder, 'storage'),
      uplinks: { machine: { url: uplink, timeout: '60s', maxage: '1h' } },
      packages: { ...ours, '**': { access: '$all', proxy: 'machine' } },
      filters: {
        '@verdaccio/package-filter': { dateThreshold: REGISTRY_DATE, allow: own.map((name) => ({ package: name })) },
      },
      log: { type: 'stdout', format: 'json', level: 'warn' },
      web: { enable: false },
    }),
  );
  // Not dependencies of this repository, which all its developers would install. The newest for Node 20.
  const tools = ['verdaccio@6.7.4', '@yarnpkg/cli-dist@4.18.1'];
  await succeed(['npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', ...tools], folder);
  const server = await startListening({
    isReady: async (address) => (await fetch(`http://${address}/-/ping`)).ok,
    flags: (address) => [join(folder, 'node_modules/verdaccio/bin/verdaccio'), '--config', config, '--listen', address],
    env: { HOME: folder },
  });
  const url = `${server.url}/`;
  const newHome = async () => {
    const home = await mkdtemp(join(folder, 'home-'));
    // npm wants to know who publishes; anybody may.
    await writeFile(join(home, '.npmrc'), `registry=${url}\n//${server.address}/:_authToken=anybody\n`);
    // Yarn has settings of its own; by default it takes nothing that was published today, and no answer without TLS.
    const yarn = {
      npmRegistryServer: url,
      unsafeHttpWhitelist: ['127.0.0.1'],
      npmMinimalAgeGate: 0,
      enableTelemetry: false,
    };
    await writeFile(join(home, '.yarnrc.yml'), JSON.stringify(yarn));
    const PATH = `${join(folder, 'node_modules/.bin')}${delimiter}${process.env.PATH}`;
    const npm = { npm_config_registry: url, npm_config_userconfig: join(home, '.npmrc') };
    return { folder: home, env: { HOME: home, PATH, ...npm } };
  };
  const publisher = await newHome();
  return {
    url,
    newHome,
    publish: async (what, ...flags) =>
      void (await succeed(['npm', 'publish', what, ...flags], publisher.folder, publisher.env)),
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
