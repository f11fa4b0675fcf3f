#!/usr/bin/env node
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runJob, textfile } from 'exporter-kit';
import { backup } from './backup.ts';

// Without flags, the result goes to a folder that host-exporter's textfile collector can read.
const folder = join(tmpdir(), 'backup-job');
mkdirSync(folder, { recursive: true });

await runJob(backup, { version: '0.1.0', to: [textfile(folder)], timeoutMs: 6 * 3_600_000 });
