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
  readonly finished: boolean;
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

/**
 * Returns the route of a request; called at its end, when routers have run.
 *
 * @param top what was given with it, when the request began.
 */
export type RouteOf<Subject> = (subject: Subject, top: unknown) => unknown;

/** A request under way. */
export interface Exchange {
  /** Counts it; further calls do nothing. */
  end(code: number): void;
}

/** The requests of one server. */
export interface Exchanges {
  begin<Subject>(method: string | undefined, subject: Subject, routeOf: RouteOf<Subject>): Exchange;
  /**
   * Begins a request that ends when its response is closed. If middleware sees the response again, the request is counted once,
   * by the route that the last one tells.
   *
   * @param subject what `routeOf` is given.
   */
  follow<Subject>(
    request: NodeRequest,
    response: NodeResponse,
    subject: Subject,
    routeOf: RouteOf<Subject>,
    top?: unknown,
  ): void;
}

/** Status for clients that disconnected before the response was complete; nginx' number. */
const DISCONNECTED = 499;

export function exchanges({ duration, inFlight }: ServerInstruments): Exchanges {
  const busy = new Map<Method, Measuring<[]>>();
  const pipelined = new WeakMap<object, Set<Open>>();
  // On the listener: an entry of a Map or WeakMap for each response costs more than all the rest.
  const key = Symbol('exchange');

  /** One object and one listener for each request: in a busy application, what is left to the garbage collector costs most. */
  class Open implements Exchange {
    subject: unknown;
    routeOf: RouteOf<never>;
    top: unknown;
    readonly #method: Method;
    readonly #waiting: Measuring<[]>;
    // Now, since the response is closed outside of the request's span.
    readonly #timed = duration.start();
    #ended = false;

    constructor(method: Method, subject: unknown, routeOf: RouteOf<never>, top: unknown) {
      this.subject = subject;
      this.routeOf = routeOf;
      this.top = top;
      this.#method = method;
      this.#waiting = busy.get(method) ?? bind(method);
      this.#waiting.inc();
    }

    end(code: number): void {
      if (this.#ended) return;
      this.#ended = true;
      this.#waiting.dec();
      this.#timed({ method: this.#method, route: this.#route(), code });
    }

    #route(): string {
      try {
        const told = this.routeOf(this.subject as never, this.top);
        return typeof told === 'string' && told !== '' ? told : 'none';
      } catch {
        return 'none';
      }
    }
  }

  function bind(method: Method): Measuring<[]> {
    const bound = inFlight.with({ method });
    busy.set(method, bound);
    return bound;
  }

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
    begin: (method, subject, routeOf) => new Open(methodLabel(method), subject, routeOf, undefined),
    follow(request, response, subject, routeOf, top) {
      const gone = response.destroyed === true;
      const waits = response.socket === null && !gone;
      // Libraries for WebSockets send upgrade requests through routers with a made-up response, which is never closed.
      if (waits && request.headers.upgrade !== undefined) return;
      const earlier = earlierOf(response);
      if (earlier !== undefined) {
        earlier.subject = subject;
        earlier.routeOf = routeOf;
        earlier.top = top;
        return;
      }
      const one = new Open(methodLabel(request.method), subject, routeOf, top);
      const closed = (): void => one.end(isComplete(response) ? response.statusCode : DISCONNECTED);
      closed[key] = one;
      response.on('close', closed);
      if (gone) closed();
      // A pipelined request whose turn has not come has no connection that could close its response.
      if (waits && request.socket) endWith(request.socket, one, response);
    },
  };
}

/**
 * A response that still waits to be sent when the connection is lost is not complete. Not by `writableEnded`, which is the same by
 * a getter: Express gives every response a shape of its own, in which a getter is found far more slowly.
 */
const isComplete = ({ finished, socket }: NodeResponse): boolean => finished && socket?.destroyed !== true;
