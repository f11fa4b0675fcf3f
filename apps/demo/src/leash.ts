/**
 * Preloaded into each exporter: exits when standard input ends, a pipe from the demo. The kernel
 * closes it however the demo ends.
 */
process.stdin.once('close', () => process.kill(process.pid, 'SIGTERM')).resume();
// Do not keep the exporter alive.
(process.stdin as typeof process.stdin & { unref(): void }).unref();
