import type { Rule } from '../asked.ts';
import { partsOf } from '../flow.ts';

/** A value in a label makes a new alert each time it changes. */
export const stableLabels: Rule = function* ({ use, labels = {} }) {
  if (use !== 'alert') return;
  for (const [name, text] of Object.entries(labels)) {
    if (!/\$value\b|\.Value\b/.test(text)) continue;
    yield {
      rule: 'flapping',
      message: `the label ${name} holds the value, so each change is a new alert; move it to an annotation`,
    };
  }
};

/** Series are absent for a moment whenever Prometheus or the target restarts. */
export const heldAbsence: Rule = function* ({ use, held = '' }, expr) {
  if (use !== 'alert' || !/^(0\w*)?$/.test(held)) return;
  for (const [part] of partsOf(expr)) {
    if (part.is !== 'call' || part.name !== 'absent') continue;
    yield { rule: 'absent', from: part.from, message: 'absent() without for fires at every restart; add for: 5m' };
  }
};
