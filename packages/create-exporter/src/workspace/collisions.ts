import { UserError } from '../user-error.ts';
import { type Inventory, imageOf, type Owners } from './inventory.ts';
import { difference, type Shape } from './metric-shapes.ts';

/** What a project would occupy. */
export interface Claim {
  readonly packageName: string;
  readonly namespace: string;
  /** From the golden expositions it brings. */
  readonly shapes: readonly Shape[];
}

/**
 * Checks that nothing in the workspace has what a project is going to claim.
 *
 * @throws UserError naming who has it.
 */
export function refuseCollisions({ packageName, namespace, shapes }: Claim, used: Inventory): void {
  refuse('package', packageName, used.packages);
  refuse('image', imageOf(packageName), used.images);
  refuse('metric namespace', namespace, used.namespaces);
  refuseShapes(shapes, used);
}

/** @throws UserError when a metric is elsewhere with another type, help or labels. */
export function refuseShapes(shapes: readonly Shape[], used: Pick<Inventory, 'metrics'>): void {
  for (const shape of shapes) {
    for (const { folder, shape: other } of used.metrics.get(shape.name) ?? []) {
      const differs = difference(shape, other);
      if (differs === undefined) continue;
      throw new UserError(
        `metric ${shape.name} already exists in ${folder}, but differs: ${differs}. Choose another name.`,
      );
    }
  }
}

function refuse(what: string, name: string, owners: Owners<string>): void {
  const [owner] = owners.get(name) ?? [];
  if (owner !== undefined) throw new UserError(`${what} ${name} is already used by ${owner}; choose another name.`);
}
