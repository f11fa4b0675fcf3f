import { z } from 'exporter-kit/config';

/**
 * Where the kernel's file systems are: elsewhere than usual in a container that has the host's mounted, and in tests.
 * As part of an exporter's config it gives node_exporter's own flags: `--path.procfs`, `--path.sysfs`, …
 *
 * @example
 * exporter({ name: 'host_exporter', config: z.object({ path: paths }), collectors: ({ path }) => host(path) });
 */
export const paths = z
  .object({
    procfs: z.string().default('/proc').describe('Where procfs is mounted.'),
    sysfs: z.string().default('/sys').describe('Where sysfs is mounted.'),
    rootfs: z.string().default('/').describe("Where the host's root file system is mounted."),
    udev: z
      .object({ data: z.string().default('/run/udev/data').describe('Where udev keeps what it knows of devices.') })
      .prefault({}),
  })
  .prefault({});

/** {@link paths} as its user writes it: what is left out is where Linux has it. */
export type Paths = NonNullable<z.input<typeof paths>>;
