import { serveApp } from './express-app.ts';

serveApp(
  (_request, response) => void response.end(),
  () => {},
);
