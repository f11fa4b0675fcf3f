import { UserError } from '../user-error.ts';
import { type Inventory, imageOf, type Owners } from './inventory.ts';
import { difference, type Shape } from './metric-shapes.ts';

/** The names and port of a new project. */
export interface Claim {
  readonly packageName: string;
  readonly namespace: string;
  /** From its golden expositions. */
  readonly shapes: readonly Shape[];
}

/**
 * Checks that a new project's names and port are free.
 *
 * @param pair the folder of the package whose collectors it serves, and whose namespace it shares.
 * @throws UserError naming their owner.
 */
export function refuseCollisions({ packageName, namespace, shapes }: Claim, used: Inventory, pair?: string): void {
  refuse('package', packageName, used.packages);
  refuse('image', imageOf(packageName), used.images);
  refuse('metric namespace', namespace, used.namespaces, pair);
  refuseShapes(shapes, used);
}

/** @throws UserError if another project has a metric with another type, help or labels. */
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

function refuse(what: string, name: string, owners: Owners<string>, except?: string): void {
  const owner = owners.get(name)?.find((folder) => folder !== except);
  if (owner !== undefined) throw new UserError(`${what} ${name} is already used by ${owner}; choose another name.`);
}
