import type { LabelledMeasuring, LabelledObserving, Measuring } from '../live/index.ts';
import { type Method, methodLabel } from './labels.ts';

/** A request of node:http, or one like it. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly headers: { readonly upgrade?: string | undefined };
  readonly socket?: { once(event: 'close', listener: () => void): unknown } | null;
}

/** A response of node:http, or one like it. */
export interface NodeResponse {
  readonly statusCode: number;
  readonly writableEnded: boolean;
  readonly destroyed?: boolean;
  readonly socket: { readonly destroyed?: boolean } | null;
  on(event: 'close', listener: () => void): unknown;
  listenerCount(event: 'close'): number;
  // biome-ignore lint/complexity/noBannedTypes: the type of node:events.
  listeners(event: 'close'): Function[];
}

/** What is counted of each request. */
export interface ServerInstruments {
  readonly duration: LabelledObserving<{ readonly method: Method; readonly route: string; readonly code: number }>;
  readonly inFlight: LabelledMeasuring<{ readonly method: Method }>;
}

/** A request under way. */
export interface Exchange {
  /** Returns its route; called at the end, when routers have run. */
  route: () => unknown;
  /** Counts it; further calls do nothing. */
  end(code: number): void;
}

/** The requests of one server. */
export interface Exchanges {
  begin(method: string | undefined, route: () => unknown): Exchange;
  /**
   * Begins a request that ends when its response is closed. If middleware sees the response again, the request is counted once,
   * by the route that the last one tells.
   */
  follow(request: NodeRequest, response: NodeResponse, route: () => unknown): void;
}

/** Status for clients that disconnected before the response was complete; nginx' number. */
const DISCONNECTED = 499;

export function exchanges({ duration, inFlight }: ServerInstruments): Exchanges {
  const busy = new Map<Method, Measuring<[]>>();
  const pipelined = new WeakMap<object, Set<Open>>();
  // On the listener, as a property of the response or an entry of a WeakMap costs more than all the rest.
  const key = Symbol('exchange');

  class Open implements Exchange {
    route: () => unknown;
    readonly #method: Method;
    readonly #waiting: Measuring<[]>;
    // Now, since the response is closed outside of the request's span.
    readonly #timed = duration.start();
    #ended = false;

    constructor(method: Method, route: () => unknown) {
      this.route = route;
      this.#method = method;
      this.#waiting = busy.get(method) ?? bind(method);
      this.#waiting.inc();
    }

    end(code: number): void {
      if (this.#ended) return;
      this.#ended = true;
      this.#waiting.dec();
      this.#timed({ method: this.#method, route: routeLabel(this.route), code });
    }
  }

  function bind(method: Method): Measuring<[]> {
    const bound = inFlight.with({ method });
    busy.set(method, bound);
    return bound;
  }

  const begin = (method: string | undefined, route: () => unknown): Open => new Open(methodLabel(method), route);

  function earlierOf(response: NodeResponse): Open | undefined {
    if (response.listenerCount('close') === 0) return undefined;
    const ours = response.listeners('close').find((one) => key in one) as { [key]?: Open } | undefined;
    return ours?.[key];
  }

  /** Ends a request when its connection is closed. One listener for all that wait, as Node warns of more than ten. */
  function endWith(socket: NonNullable<NodeRequest['socket']>, one: Open, response: NodeResponse): void {
    const waiting = pipelined.get(socket) ?? new Set();
    if (!pipelined.has(socket)) {
      pipelined.set(socket, waiting);
      socket.once('close', () => {
        for (const left of waiting) left.end(DISCONNECTED);
      });
    }
    waiting.add(one);
    response.on('close', () => void waiting.delete(one));
  }

  return {
    begin,
    follow(request, response, route) {
      const gone = response.destroyed === true;
      const waits = response.socket === null && !gone;
      // Libraries for WebSockets send upgrade requests through routers with a made-up response, which is never closed.
      if (waits && request.headers.upgrade !== undefined) return;
      const earlier = earlierOf(response);
      if (earlier !== undefined) {
        earlier.route = route;
        return;
      }
      const one = begin(request.method, route);
      const closed = (): void => one.end(isComplete(response) ? response.statusCode : DISCONNECTED);
      closed[key] = one;
      response.on('close', closed);
      if (gone) closed();
      // A pipelined request whose turn has not come has no connection that could close its response.
      if (waits && request.socket) endWith(request.socket, one, response);
    },
  };
}

/** A response that still waits to be sent when the connection is lost is not complete. */
const isComplete = ({ writableEnded, socket }: NodeResponse): boolean => writableEnded && socket?.destroyed !== true;

function routeLabel(route: () => unknown): string {
  try {
    const told = route();
    return typeof told === 'string' && told !== '' ? told : 'none';
  } catch {
    return 'none';
  }
}
