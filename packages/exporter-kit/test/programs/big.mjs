import { collector, exporter, gauge, serve } from 'exporter-kit';

// Serves about 15 MB, and how much memory it takes. Its argument: options of serve().
const sizes = gauge({ name: 'size_bytes', help: 'Sizes.', unit: 'bytes', labels: ['path'] });
const rss = gauge({ name: 'rss_bytes', help: 'Memory of the process.', unit: 'bytes' });
const paths = Array.from({ length: 150_000 }, (_, i) => ({ path: `/${'some/rather/long/path/'.repeat(3)}${i}` }));

const { url } = await serve(
  exporter({
    name: 'big_exporter',
    collectors: [
      collector({
        name: 'many',
        metrics: { sizes },
        collect({ sizes: writer }) {
          for (const path of paths) writer.set(path, Math.random());
        },
      }),
      collector({
        name: 'memory',
        metrics: { rss },
        collect: ({ rss: writer }) => writer.set(process.memoryUsage.rss()),
      }),
    ],
  }),
  JSON.parse(process.argv[2] ?? '{}'),
);
console.log(`address=${url}`);
