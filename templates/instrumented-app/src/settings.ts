import { parseArgs } from 'node:util';
import { fail } from './fail.ts';

/** Each is also an environment variable. */
export const flags = {
  host: { fallback: '0.0.0.0', about: 'address of the application' },
  port: { fallback: '8080', about: 'its port; 0 lets the system choose' },
  'web.listen-address': { fallback: ':19997', about: 'address and port of its metrics' },
  'web.config.file': { fallback: '', about: 'YAML file with TLS and passwords for its metrics' },
} as const;
type Flag = keyof typeof flags;

/** Where the application and its metrics are served. */
export interface Settings {
  readonly host: string;
  readonly port: number;
  /** Listen address of the metrics, for `serve`. */
  readonly address: string;
  readonly web?: string;
}

/**
 * Reads flags, then the environment. Prints `--help` and exits; reports wrong usage in one line, with exit code 64.
 */
export function settings(): Settings {
  try {
    return settingsOf(process.argv.slice(2), process.env);
  } catch (error) {
    return fail(new Error(`${(error as Error).message} See --help.`, { cause: error }), 64);
  }
}

/** @throws Error for an unknown flag or an invalid port. */
export function settingsOf(args: readonly string[], env: NodeJS.ProcessEnv): Settings {
  const names = Object.keys(flags) as Flag[];
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' } as const]));
  const { values } = parseArgs({ args: [...args], options: { ...options, help: { type: 'boolean' } } });
  if (values.help === true) {
    console.log(help());
    process.exit(0);
  }
  const said = values as Partial<Record<Flag, string>>;
  const value = (name: Flag): string => said[name] ?? env[variableOf(name)] ?? flags[name].fallback;
  const port = value('port');
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new Error(`--port: ${JSON.stringify(port)} is not a valid port.`);
  const web = value('web.config.file');
  return {
    host: value('host'),
    port: Number(port),
    address: value('web.listen-address'),
    ...(web === '' ? {} : { web }),
  };
}

/** The environment variable of a flag. */
export const variableOf = (flag: Flag): string => `ACME_WIDGET_APP_${flag.replaceAll(/\W/g, '_').toUpperCase()}`;

function help(): string {
  const rows = (Object.keys(flags) as Flag[]).map((name) => {
    const { about, fallback } = flags[name];
    return `  --${name.padEnd(20)} ${about} (default "${fallback}", ${variableOf(name)})`;
  });
  return `acme-widget-app [flags]\n\n${rows.join('\n')}`;
}
