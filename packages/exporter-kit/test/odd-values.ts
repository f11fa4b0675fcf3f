/** Values that can be thrown, by what they are. Created for each use. */
export const oddValues: { readonly [what: string]: () => unknown } = {
  'an object without a prototype': () => Object.create(null),
  'an object whose toString throws': () => ({
    toString() {
      throw new Error('no text');
    },
  }),
  'an error whose message throws': () => getter(new Error('x'), 'message'),
  'an error whose message is an object': () => Object.assign(new Error('x'), { message: Object.create(null) }),
  'an error whose message is an error that is itself': () => {
    const error = new Error('x');
    return Object.assign(error, { message: error });
  },
  'an error whose name, code, stack and cause throw': () =>
    ['stack', 'name', 'code', 'cause'].reduce(getter, new Error('x')),
  'an error that is its own cause': () => {
    const error = new Error('round');
    error.cause = error;
    return error;
  },
  'errors that cause each other': () => {
    const [one, two] = [new Error('one'), new Error('two')];
    [one.cause, two.cause] = [two, one];
    return one;
  },
  'an aggregate of itself': () => {
    const error = new AggregateError([], '');
    error.errors.push(error, error, error, error);
    return error;
  },
  'an aggregate of a million': () => new AggregateError(Array.from({ length: 1e6 }, () => 'x')),
  'a message of megabytes': () => new Error('x'.repeat(5_000_000)),
  'a text of megabytes': () => 'x'.repeat(5_000_000),
  'a resolved promise': () => Promise.resolve(),
  'a rejected promise': () => Promise.reject(new Error('within')),
  'a promise that never settles': () => new Promise(() => {}),
  'a thenable whose then throws': () => ({
    // biome-ignore lint/suspicious/noThenProperty: that is what it is about
    get then() {
      throw new Error('then');
    },
  }),
  // biome-ignore lint/suspicious/noThenProperty: that is what it is about
  'a thenable that resolves': () => ({ then: (resolve: () => void) => resolve() }),
  'a proxy whose traps throw': () => new Proxy(new Error('x'), throwing),
  'a revoked proxy': () => {
    const { proxy, revoke } = Proxy.revocable(new Error('x'), {});
    revoke();
    return proxy;
  },
  'a function': () => () => {},
  'a symbol': () => Symbol('x'),
  'a bigint': () => 10n,
  nothing: () => undefined,
  null: () => null,
};

function getter<T extends object>(of: T, key: string): T {
  return Object.defineProperty(of, key, {
    get() {
      throw new Error(`no ${key}`);
    },
  });
}

const trap = (): never => {
  throw new Error('trap');
};
const throwing: ProxyHandler<Error> = { get: trap, has: trap, getPrototypeOf: trap, ownKeys: trap, set: trap };
