import { serveApp } from './express-app.ts';

serveApp(
  (_request, response) => void response.end(),
  (app) => app.use((_request, _response, next) => next()),
);
