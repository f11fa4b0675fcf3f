/** Ends the process with one line. A mistake of whoever starts it, such as a port that is taken, needs no stack trace. */
export function fail(error: Error, code = 1): never {
  console.error(`acme-widget-app: ${error.message}`);
  process.exit(code);
}
