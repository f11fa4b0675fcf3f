import { serveApp } from './express-app.ts';

serveApp((app) => app.use((_request, _response, next) => next()));
