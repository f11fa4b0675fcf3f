import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The exporter's two files, in a temporary folder. */
export interface Files {
  readonly config: string;
  readonly web: string;
  /** Replaces one atomically. */
  write(file: string, text: string): Promise<void>;
  remove(): Promise<void>;
}

export const goodConfig = (series: number): string => `collector: { churn: { series: ${series} } }\n`;
export const brokenConfigs: readonly string[] = ['collector: { churn: { serie: 3 } }\n', 'collector: [\n', 'prot: 3\n'];

/** Users, with passwords made up for the soak. */
export const credentials = {
  usual: basic('soak', 'soak-password'),
  added: basic('second', 'rotated-password'),
  wrong: basic('soak', 'wrong-password'),
  unknown: basic('nobody', 'soak-password'),
} as const;

const USUAL = "basic_auth_users:\n  soak: '$2y$10$.M0vMitx0PoGlMVaeQ5luuQ.UlMFOAkNB7mjNejdsoAfI5bOeh63S'\n";
export const webConfig: { readonly usual: string; readonly added: string; readonly broken: string } = {
  usual: USUAL,
  added: `${USUAL}  second: '$2y$10$RQPTmo6qv8SH8xza5woyEutXykFTDpzOfBCRBL/wm5DCdfE98fXCu'\n`,
  broken: 'basic_auth_users: [\n',
};

export async function makeFiles(): Promise<Files> {
  const folder = await mkdtemp(join(tmpdir(), 'soak-'));
  const files: Files = {
    config: join(folder, 'config.yml'),
    web: join(folder, 'web.yml'),
    async write(file, text) {
      await writeFile(`${file}.new`, text);
      await rename(`${file}.new`, file);
    },
    remove: () => rm(folder, { recursive: true }),
  };
  await files.write(files.config, goodConfig(300));
  await files.write(files.web, webConfig.usual);
  return files;
}

function basic(user: string, password: string): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}
