import { exporter, nodeListener } from 'exporter-kit';
import { httpServer } from 'exporter-kit/http';
import { serveApp } from './express-app.ts';

const http = httpServer();
const metrics = nodeListener(exporter({ name: 'bench_exporter', collectors: [http.collector] }));
serveApp(metrics, (app) => app.use(http.express()));
