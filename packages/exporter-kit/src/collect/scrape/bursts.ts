const MAX_BURST_MS = 100;

/**
 * Returns a function that waits until a burst of requests is over, that is until the event loop brings no more of them.
 * Node accepts one connection a turn, so that otherwise, with collectors that wait for nothing, no two would share a round.
 */
export function bursts(): () => Promise<void> {
  let arrived = 0;
  let over: Promise<void> | undefined;

  function quiet(resolve: () => void): void {
    const latest = performance.now() + MAX_BURST_MS;
    let seen = 0;
    const look = (): void => {
      if (seen < arrived && performance.now() < latest) {
        seen = arrived;
        setImmediate(look);
        return;
      }
      over = undefined;
      arrived = 0;
      resolve();
    };
    // This only ends the current turn.
    setImmediate(look);
  }

  return () => {
    arrived++;
    over ??= new Promise(quiet);
    return over;
  };
}
