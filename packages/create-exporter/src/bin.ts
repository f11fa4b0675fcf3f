#!/usr/bin/env node
import { main } from './cli.ts';

const { stdin, stdout, stderr } = process;
for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that has seen enough, such as `head`, is no failure.
    if (error.code !== 'EPIPE') throw error;
  });
}
process.exitCode = await main(process.argv.slice(2), { stdin, stdout, stderr, cwd: process.cwd() });
