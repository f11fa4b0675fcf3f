import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { below, gauge, job } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import { writeArchive } from './archive.ts';
import { compare, readArchive } from './check-archive.ts';

/** Archives a folder, verifies the archive, and only then replaces the previous one. */
export const backup = job({
  name: 'backup',
  config: z.object({
    source: z
      .string()
      .default(fileURLToPath(new URL('../src', import.meta.url)))
      .describe('Folder to archive.'),
    archive: z
      .string()
      .endsWith('.tar.gz')
      .default(join(tmpdir(), 'backup-job', 'backup.tar.gz'))
      .describe('Path of the archive; the previous one is replaced.'),
  }),
  metrics: {
    files: gauge({
      name: 'backup_files',
      help: 'Files in the archive.',
      alert: { name: 'BackupEmpty', when: below(1), for: '2m', summary: 'Archive has no files.' },
    }),
    sourceBytes: gauge({
      name: 'backup_source_bytes',
      help: 'Uncompressed size of the files in the archive.',
      unit: 'bytes',
    }),
    archiveBytes: gauge({ name: 'backup_archive_bytes', help: 'Size of the archive.', unit: 'bytes' }),
  },
  views: { succeedsEvery: '26h' },
  async run({ files, sourceBytes, archiveBytes }, { config: { source, archive }, signal }) {
    const target = resolve(archive);
    if (isInside(resolve(source), target)) {
      throw new Error(`the archive ${archive} is inside the folder to archive; choose another path`);
    }
    await mkdir(dirname(target), { recursive: true });
    const partial = `${target}.${randomUUID()}.partial`;
    try {
      const written = await writeArchive(source, partial, signal);
      compare(written, await readArchive(partial, signal));
      files.set(written.size);
      sourceBytes.set([...written.values()].reduce((sum, size) => sum + size, 0));
      archiveBytes.set((await stat(partial)).size);
      signal.throwIfAborted();
      await rename(partial, target);
    } finally {
      await rm(partial, { force: true });
    }
  },
});

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
