import { collector, exporter, gauge } from 'exporter-kit';

const queues = collector({
  name: 'queues',
  metrics: { depth: gauge({ name: 'queue_depth', help: 'Messages waiting.', labels: ['queue'] }) },
  collect({ depth }) {
    depth.set({ queue: 'mail' }, 3);
  },
});

export const brokerExporter = exporter({ name: 'broker_exporter', collectors: [queues] });
