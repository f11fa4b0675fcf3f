import { serveApp } from './express-app.ts';

serveApp(() => {});
