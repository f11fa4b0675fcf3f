import { collector, exporter, gauge, nodeRuntime, run } from 'exporter-kit';

const thousand = collector({
  name: 'thousand',
  metrics: { size: gauge({ name: 'size', help: 'Its size.', labels: ['of'] }) },
  collect({ size }) {
    for (let i = 0; i < 1000; i++) size.set({ of: `thing ${i}` }, Math.random());
  },
});

await run(exporter({ name: 'test_exporter', version: '1.2.3', collectors: [thousand, nodeRuntime()] }), { port: 0 });
