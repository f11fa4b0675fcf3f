import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder with the real templates, without what is installed and built. */
    templates: string;
  }
}

const templates = fileURLToPath(new URL('../../../templates', import.meta.url));

/** Copies them once, as leaving files out takes longer than to copy what is left. */
export default async function copyTemplates(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'templates-'));
  const filter = (path: string): boolean => !/node_modules|dist|\.turbo/.test(path.slice(templates.length));
  await cp(templates, folder, { recursive: true, filter });
  project.provide('templates', folder);
  return () => rm(folder, { recursive: true });
}
