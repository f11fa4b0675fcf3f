/**
 * Loaded into each exporter before itself: ends it when its standard input does, which is the demo's end of a pipe. The
 * kernel closes that whatever way the demo ends.
 */
process.stdin.once('close', () => process.kill(process.pid, 'SIGTERM')).resume();
// Do not keep the exporter alive.
(process.stdin as typeof process.stdin & { unref(): void }).unref();
