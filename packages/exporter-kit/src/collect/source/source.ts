import type { Gauge } from '../../metric/metric.ts';
import type { ConfigOf, Context, Logger, Parser } from '../context.ts';
import type { Resolve } from '../destination.ts';
import { checkSource } from './check-source.ts';

/**
 * One kind of thing that collectors read, such as a Redis server: how to open it, what to ask it first, how to close it.
 * A plain object without state. Make it at module level: a reload keeps clients of the same value.
 */
export interface Source<Client = unknown, Reading = unknown> {
  /** Also the name of its settings, and the module's `prober`: lower case, digits and `_`. */
  readonly name: string;
  /** 1 if `read` answered in this scrape, else 0. */
  readonly up: Gauge<[value: number]>;
  /** Label that tells named targets apart. */
  readonly label: string;
  readonly config?: Parser<unknown>;
  /** The setting that `/probe?target=` fills; without it, the source can't be probed. */
  readonly target?: string;
  readonly openTimeoutMs: number;
  // Methods, so that functions over a narrower client fit.
  open?(context: OpenContext<unknown>): Client | Promise<Client>;
  read(context: ReadContext<Client, unknown>): Reading | Promise<Reading>;
  close?(client: Client): unknown;
}

/** What `open` gets. */
export interface OpenContext<Config = undefined> {
  /** One target's settings, as the source's `config` returned them. */
  readonly config: Config;
  /** Resolves a host: at `/probe` only to addresses that may be reached, elsewhere to all of them. */
  readonly resolve: Resolve;
  /** Aborts after `openTimeoutMs`; never once `open` has returned. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** What `read` gets. */
export interface ReadContext<Client = undefined, Config = undefined> extends Omit<OpenContext<Config>, 'signal'> {
  readonly client: Client;
  /** Aborts at the latest deadline of the scrapes that wait for it. */
  readonly signal: AbortSignal;
}

/** What a collector of a source gets beside its writers. */
export interface SourceContext<Client, Reading, Config = undefined> extends Context<Config> {
  /** What `open` returned. Do not close it. */
  readonly client: Client;
  /** What `read` returned in this scrape, shared by all collectors of the target. */
  readonly reading: Reading;
}

interface CommonDeclaration<P extends Parser<unknown> | undefined> {
  readonly name: string;
  /** `gauge({ name: 'redis_up', help: '…' })`, without labels. */
  readonly up: Gauge<[value: number]>;
  /** Label that tells named targets apart; default `target`. */
  readonly label?: string;
  /** Parses the settings of one target; each key of a zod object is a flag, `--<name>.<key>`. */
  readonly config?: P;
  /** The setting that `/probe?target=` fills; without it, the source can't be probed. */
  readonly target?: Extract<keyof ConfigOf<P>, string>;
}

/** What {@link source} takes without a client: `read` connects by itself. */
export interface ReadDeclaration<Reading, P extends Parser<unknown> | undefined> extends CommonDeclaration<P> {
  readonly open?: never;
  readonly close?: never;
  /** Asks the target once a scrape, for all collectors. That it answers is what `up` says. */
  read(context: ReadContext<undefined, ConfigOf<P>>): Reading | Promise<Reading>;
}

/** What {@link source} takes with a client that is kept between scrapes. */
export interface OpenedDeclaration<Client, Reading, P extends Parser<unknown> | undefined>
  extends CommonDeclaration<P> {
  /** Time limit of `open`, which may outlast a scrape; default 30 000. */
  readonly openTimeoutMs?: number;
  /** Connects. Write it before `read` and `close`, so that TypeScript knows the client there. */
  open(context: OpenContext<ConfigOf<P>>): Client | Promise<Client>;
  /**
   * Asks the target once a scrape, for all collectors. That it answers is what `up` says. It may be called twice: if a kept
   * client fails, another is opened and asked again.
   */
  read(context: ReadContext<NoInfer<Client>, ConfigOf<P>>): Reading | Promise<Reading>;
  /** Closes a client, within 5 s. What it returns is awaited and ignored. */
  close(client: NoInfer<Client>): unknown;
}

/**
 * Declares a source. Collectors name it as their `source`; they run once for each of its targets that is up.
 *
 * @example
 * const redis = source({
 *   name: 'redis',
 *   up: gauge({ name: 'redis_up', help: 'Whether the server answered.' }),
 *   config: z.object({ addr: z.string().default('redis://127.0.0.1:6379') }),
 *   open: ({ config, signal }) => connect(config.addr, signal),
 *   read: async ({ client }) => parseInfo(await client.command('INFO')),
 *   close: (client) => client.quit(),
 * });
 * @throws TypeError for an invalid name, label or limit.
 */
export function source<Reading, P extends Parser<unknown> | undefined = undefined>(
  declaration: ReadDeclaration<Reading, P>,
): Source<undefined, Reading>;
export function source<Client, Reading, P extends Parser<unknown> | undefined = undefined>(
  declaration: OpenedDeclaration<Client, Reading, P>,
): Source<Client, Reading>;
export function source(
  declaration: ReadDeclaration<unknown, Parser<unknown>> | OpenedDeclaration<unknown, unknown, Parser<unknown>>,
): Source {
  const { name, up, label = 'target', config, target, open, close } = declaration;
  const openTimeoutMs = ('openTimeoutMs' in declaration ? declaration.openTimeoutMs : undefined) ?? OPEN_TIMEOUT_MS;
  checkSource({ ...(declaration as Source), label, openTimeoutMs });
  return {
    name,
    up,
    label,
    ...(config === undefined ? {} : { config }),
    ...(target === undefined ? {} : { target }),
    openTimeoutMs,
    ...(open === undefined ? {} : { open: (context) => declaration.open!(context as never) }),
    read: (context) => declaration.read(context as never),
    ...(close === undefined ? {} : { close: (client) => declaration.close!(client) }),
  };
}

const OPEN_TIMEOUT_MS = 30_000;
