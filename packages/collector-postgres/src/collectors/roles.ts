import { families } from '../families.ts';
import { rowsCollector } from '../rows.ts';

/** Limits of connections of roles. */
export const roles = rowsCollector({
  name: 'roles',
  metrics: {
    rolconnlimit: families('pg_roles', ['rolname']).gauge(
      'connection_limit',
      'Maximum connections of the role; -1 for no limit.',
    ),
  },
  sql: () => 'SELECT rolname, rolconnlimit FROM pg_roles',
});
