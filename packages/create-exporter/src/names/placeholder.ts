/**
 * The name every template bears. Two words, so that each spelling differs from the others and maps to itself.
 * Outside `templates/` it is written here only.
 */
export const placeholder = 'acme-widget';
