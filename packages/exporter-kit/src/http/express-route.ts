import type { NodeRequest } from './exchanges.ts';

/** A request of Express, as far as its route is concerned. */
export interface ExpressRequest extends NodeRequest {
  readonly originalUrl?: string;
  /** The last route that matched. */
  readonly route?: unknown;
  readonly app?: unknown;
}

type Pattern = string | RegExp | readonly Pattern[];

interface Route {
  readonly path: Pattern;
}

interface Router {
  readonly stack?: readonly Layer[];
}

interface App {
  readonly router?: Router;
  readonly parent?: App;
  readonly mountpath?: Pattern;
}

interface Layer {
  readonly route?: Route;
  readonly handle?: Router & App;
  /** As given to `use()`; from Express 5.3 on. */
  readonly rawPath?: Pattern;
  match?(path: string): { readonly path: string } | boolean;
}

/** Routers on the way to a route, outermost first. */
type Way = readonly Layer[];

/** All ways from an application to a route, and the whole path of the route on each. */
interface Ways {
  /** Where the application is mounted. */
  readonly prefix: string;
  readonly ways: readonly { readonly layers: Way; readonly path: string }[];
  /** If none is it. */
  readonly other: string;
}

/** Ways to a route in the application that answered by it first, and in others. */
interface Found {
  readonly app: App;
  readonly ways: Ways;
  readonly others: WeakMap<App, Ways>;
}

// Routers are searched once for each route. A route is in one application as a rule, so that one look will do.
const found = new WeakMap<Route, Found>();

/**
 * The route that answered, as declared: the paths of all routers on the way to it, and its own. Express' `baseUrl` is not
 * declared but what the client sent: `/users/42`, or `/USERS/42`. A path that Express does not tell is `/*`.
 *
 * @param first the application that middleware was added to.
 */
export function expressRoute(request: ExpressRequest, first: unknown): string | undefined {
  // Each property is read only if it is needed: Express gives every request a shape of its own, by changing its prototype, and
  // what V8 has not seen in a shape costs it as much as counting does.
  const { route } = request;
  if (route === undefined) return undefined;
  const { app } = request;
  if (app === undefined) return join('/*', (route as Route).path);
  const { prefix, ways, other } = waysTo(route as Route, app as App, first as App);
  if (ways.length === 1) return ways[0]!.path;
  const { originalUrl = '' } = request;
  return ways.find(({ layers }) => leads(layers, prefix, originalUrl))?.path ?? other;
}

function waysTo(route: Route, app: App, first: App): Ways {
  const known = found.get(route);
  if (known?.app === app) return known.ways;
  const other = known?.others.get(app);
  if (other !== undefined) return other;
  const ways = findWays(route, app, first);
  if (known === undefined) found.set(route, { app, ways, others: new WeakMap() });
  else known.others.set(app, ways);
  return ways;
}

function findWays(route: Route, app: App, first: App): Ways {
  // An application that was given to a router does not know where it is.
  const start = app.parent === undefined ? first : app;
  const prefix = mountOf(start);
  const pathFrom = (base: string): string => join(base, route.path) || '/';
  return {
    prefix,
    ways: search(start.router, route, []).map((layers) => ({
      layers,
      path: pathFrom(layers.reduce((base, layer) => join(base, layer.rawPath), prefix)),
    })),
    other: pathFrom(`${prefix}/*`),
  };
}

/** All ways through routers to the route. An application inside of a router is one, too. */
function search(router: Router | undefined, route: Route, way: Way): Way[] {
  const stack = router?.stack ?? [];
  if (stack.some((layer) => layer.route === route)) return [way];
  return stack.flatMap((layer) => {
    const inner = layer.handle?.stack === undefined ? layer.handle?.router : layer.handle;
    return inner === undefined || layer.route !== undefined || way.includes(layer)
      ? []
      : search(inner, route, [...way, layer]);
  });
}

/** Where an application is mounted, if it is, in those that it is mounted in. */
function mountOf({ parent, mountpath }: App): string {
  return parent === undefined ? '' : join(mountOf(parent), mountpath);
}

/** Whether the layers match a URL one after another, below as many segments as `prefix` has. */
function leads(layers: Way, prefix: string, url: string): boolean {
  let rest = url.split('?', 1)[0]!;
  const trim = (length: number): void => {
    rest = rest.slice(length);
    if (!rest.startsWith('/')) rest = `/${rest}`;
  };
  for (let segments = prefix.split('/').length - 1; segments > 0; segments--)
    trim(/^\/[^/]*/.exec(rest)?.[0].length ?? 0);
  return layers.every((layer) => {
    const match = layer.match?.(rest);
    if (typeof match === 'object') trim(match.path.length);
    return typeof match === 'object';
  });
}

/** @param pattern `undefined` if Express does not tell. */
function join(base: string, pattern: Pattern = '/*'): string {
  return base + (pattern instanceof RegExp ? String(pattern) : String(pattern).replace(/\/+$/, ''));
}
