import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Logger, silent } from '../../collect/context.ts';
import { messageOf, readErrorReason } from '../../errors/thrown.ts';
import { within } from '../../time/wait.ts';
import { readStrictYaml } from '../../yaml/strict-yaml.ts';
import type { Source } from './fields.ts';
import { fileChanges } from './file-changes.ts';
import { loadBcrypt } from './passwords.ts';
import { readSettings } from './read-settings.ts';
import { type SecureOptions, secureOptions } from './secure-options.ts';
import type { TlsSettings, WebSettings } from './settings.ts';
import type { WebConfig } from './web-config.ts';

/** The web configuration in effect. */
export interface ActiveWebConfig extends WebSettings {
  readonly secure: SecureOptions | undefined;
}

/** Result of the last reload. */
export interface WebConfigHealth {
  readonly good: boolean;
  /** Unix time of the last successful one. */
  readonly goodSince: number;
}

/** Keeps the last good web configuration. */
export interface WebConfigStore {
  /** The last good configuration. */
  readonly state: ActiveWebConfig;
  readonly health: WebConfigHealth;
  /** Reloads changed files; an invalid edit is logged once, and the last good configuration stays in effect. */
  refresh(): Promise<void>;
  /** Reloads unconditionally. @throws Error if invalid; the last good configuration stays in effect. */
  reload(): Promise<void>;
}

/**
 * Opens a web configuration, a file's path or an object, with all the files it names.
 *
 * @throws Error of one line with file, line and key, but no secrets.
 */
export async function openWebConfig(config: string | WebConfig, log: Logger = silent): Promise<WebConfigStore> {
  const file = typeof config === 'string' ? config : OBJECT;
  const seen = fileChanges();

  async function read(): Promise<ActiveWebConfig> {
    seen.forget();
    if (typeof config === 'string') await seen.note([config]);
    const settings = await settingsOf(config);
    const { tls, http2, users } = settings;
    // Fail now rather than at the first login.
    if (users.size > 0) {
      await loadBcrypt().catch((cause) => {
        throw new Error(`${file}: basic_auth_users: ${messageOf(cause)}`, { cause });
      });
    }
    if (tls === undefined) return { ...settings, secure: undefined };
    await seen.note(filesOf(tls));
    return { ...settings, secure: await secureOptions(tls, http2, file) };
  }

  let state = await read();
  let health: WebConfigHealth = { good: true, goodSince: Date.now() / 1000 };
  warn(state, log);

  async function replace(): Promise<void> {
    try {
      const next = await read();
      if ((next.tls === undefined) !== (state.tls === undefined) || next.http2 !== state.http2) {
        throw new Error(`${file}: turning TLS or http2 on or off needs a restart.`);
      }
      state = next;
      health = { good: true, goodSince: Date.now() / 1000 };
    } catch (error) {
      health = { ...health, good: false };
      log.error({ err: messageOf(error) }, 'web configuration is invalid; the last good one stays in effect');
      throw error;
    }
    log.info({ file }, 'web configuration reloaded');
    warn(state, log);
  }

  let replacing: Promise<void> | undefined;
  // Bounds the wait of requests, as a file system may hang.
  let patience: Promise<void> | undefined;
  function reload(): Promise<void> {
    if (replacing === undefined) {
      replacing = replace().finally(() => {
        replacing = undefined;
      });
      const over = replacing.catch(() => {});
      patience = within(over, PATIENCE_MS, undefined);
    }
    return replacing;
  }

  return {
    get state() {
      return state;
    },
    get health() {
      return health;
    },
    async refresh() {
      if (replacing === undefined && !(await seen.have())) return;
      reload().catch(() => {});
      await patience;
    },
    reload,
  };
}

const OBJECT = 'web';
const PATIENCE_MS = 1000;

async function settingsOf(config: string | WebConfig): Promise<WebSettings> {
  if (typeof config !== 'string') {
    const source: Source = { where: () => OBJECT, written: () => undefined };
    return readSettings(config, source, '.');
  }
  let text: string;
  try {
    text = await readFile(config, 'utf8');
  } catch (cause) {
    throw new Error(`${config}: cannot read it: ${readErrorReason(cause)}.`, { cause });
  }
  const yaml = await readStrictYaml(text, config);
  return readSettings(yaml.value, yaml, dirname(config));
}

function filesOf({ cert, key, clientCa }: TlsSettings): string[] {
  return [cert, key, clientCa].flatMap((pem) => (pem !== undefined && 'file' in pem ? [pem.file] : []));
}

const WEEK_S = 7 * 24 * 3600;

function warn({ warnings, secure, tls }: ActiveWebConfig, log: Logger): void {
  for (const warning of warnings) log.warn({}, warning);
  if (secure === undefined) return;
  const leftS = secure.notAfter - Date.now() / 1000;
  if (leftS > WEEK_S) return;
  const file = tls !== undefined && 'file' in tls.cert ? { file: tls.cert.file } : {};
  const facts = { ...file, not_after: new Date(secure.notAfter * 1000).toISOString() };
  const what = 'replace the file; no restart is needed';
  if (leftS < 0) log.error(facts, `the TLS certificate has expired, and clients reject it; ${what}`);
  else log.warn(facts, `the TLS certificate expires within a week; ${what}`);
}
