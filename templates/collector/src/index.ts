import { acmeWidgetHandled } from './handled.ts';
import { acmeWidgetItems } from './items.ts';

/** A source for Acme Widget, and its collectors. */
export type { Client } from './client.ts';
export type { Reply } from './reply.ts';
export { acmeWidgetSource } from './source.ts';
export { acmeWidgetHandled, acmeWidgetItems };

/** All collectors of this package: `collectors: [...acmeWidgetCollectors]`. */
export const acmeWidgetCollectors = [acmeWidgetHandled, acmeWidgetItems];
