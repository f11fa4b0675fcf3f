import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A configuration file, beside other files, until the test ends. */
export async function configFile(text: string, others: { readonly [name: string]: string } = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postgres-exporter-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries({ ...others, 'config.yml': text })) {
    await writeFile(join(folder, name), content, { mode: 0o600 });
  }
  return join(folder, 'config.yml');
}
