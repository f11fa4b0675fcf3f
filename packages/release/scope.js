import { readFileSync } from 'node:fs';

/** The packages that are published, by their names in this repository. */
export const names = ['exporter-kit', 'create-exporter', 'collector-host', 'collector-postgres', 'collector-redis'];

const { config } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/** The scope of all of them on the registry: `config.scope` in the root's package.json, such as `@acme`; or none. */
export const scope = process.env.RELEASE_SCOPE ?? config.scope;
if (scope !== '' && !/^@[a-z0-9][a-z0-9._-]*$/.test(scope))
  throw new Error(`package.json: config.scope is ${JSON.stringify(scope)}; write it as "@acme", or "" for none.`);

/** The name of one of them on the registry. */
export const published = (name) => (scope === '' || !names.includes(name) ? name : `${scope}/${name}`);

const quoted = new RegExp(`(['"\`])(${names.join('|')})(?=\\1|/)`, 'g');
const quotedInJson = new RegExp(`(\\\\")(${names.join('|')})(?=\\\\"|/)`, 'g');
// `npx create-exporter`, and `npm create exporter`, which is `npm create @acme/exporter` then.
const run = new RegExp(`\\b(npx|npm install|npm i|yarn add|pnpm add)((?: -\\S+)*) (${names.join('|')})\\b(?!/)`, 'g');
const create = /\b(npm|pnpm|yarn|bun) create exporter\b/g;

/** A published file with names under the scope: what is imported, what package.json of a template lists, commands. */
export function scoped(text) {
  if (scope === '') return text;
  return text
    .replace(quoted, (_, quote, name) => quote + published(name))
    .replace(quotedInJson, (_, quote, name) => quote + published(name))
    .replace(run, (_, program, flags, name) => `${program}${flags} ${published(name)}`)
    .replace(create, (_, manager) => `${manager} create ${scope}/exporter`);
}

/** Whether a file of a package has names in it. The kit's code has none: there, its name is that of symbols and of a User-Agent. */
export const hasNames = (name, path) =>
  /\.(md|d\.ts)$/.test(path) || (name !== 'exporter-kit' && /\.(js|json)$/.test(path) && path !== 'package.json');
