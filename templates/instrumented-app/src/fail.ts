/** Exits with one line. A wrong setting, such as a port in use, needs no stack trace. */
export function fail(error: Error, code = 1): never {
  console.error(`acme-widget-app: ${error.message}`);
  process.exit(code);
}
