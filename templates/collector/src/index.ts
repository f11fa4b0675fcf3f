/** A collector for Acme Widget: `collectors: [acmeWidget()]`. */
export { acmeWidget } from './acme-widget.ts';
