import { main } from '../dist/cli.js';
import { realDisk } from '../dist/disk/disk.js';

// The command, as it was built; at the n-th use of the disk it says so and waits to be killed.
const [stopAt, ...args] = process.argv.slice(2);
let used = 0;
const disk = Object.fromEntries(
  Object.entries(realDisk).map(([name, method]) => [
    name,
    async (...given) => {
      if (++used === Number(stopAt)) {
        process.stdout.write('stopped\n');
        await new Promise(() => setInterval(() => {}, 1000));
      }
      return method(...given);
    },
  ]),
);
const { stdin, stdout, stderr } = process;
process.exitCode = await main(args, { stdin, stdout, stderr, cwd: process.cwd(), disk });
