/** Acme Widget, for any exporter: `collectors: [acmeWidget()]`. */
export { acmeWidget } from './acme-widget.ts';
