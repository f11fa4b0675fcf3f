import { countAges } from './ages.ts';
import { drawCharts } from './charts.ts';
import { showCopyButtons } from './copy.ts';
import { filterAsTyped } from './filter.ts';
import { keepUpToDate } from './refresh.ts';

// Everything works without this script; with it, the page stays up to date, and has charts.
const page = keepUpToDate(afterChange);
filterAsTyped(page);
countAges();
showBusy();
afterChange();

function afterChange(): void {
  drawCharts();
  showCopyButtons();
}

/** Says that a form's answer is awaited. */
function showBusy(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-busy]')) {
    const said = button.textContent;
    button.form?.addEventListener('submit', () => {
      button.textContent = button.dataset.busy ?? said;
      button.setAttribute('aria-disabled', 'true');
    });
    // Back from the answer, the browser may show the page as it was left.
    addEventListener('pageshow', () => {
      button.textContent = said;
      button.removeAttribute('aria-disabled');
    });
  }
}
