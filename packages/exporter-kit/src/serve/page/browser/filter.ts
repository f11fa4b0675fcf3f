import type { LivePage } from './refresh.ts';

const AFTER_MS = 200;

/** Filters while somebody types; the button is for those without scripts, and for Enter. */
export function filterAsTyped(page: LivePage): void {
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-live]')) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const filter = (): void => {
      clearTimeout(timer);
      const url = new URL(form.action);
      for (const [name, value] of new FormData(form)) if (value !== '') url.searchParams.set(name, String(value));
      void page.show(url.href);
    };
    form.addEventListener('input', () => {
      clearTimeout(timer);
      timer = setTimeout(filter, AFTER_MS);
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      filter();
    });
    form.querySelector('button')?.classList.add('hidden');
  }
}
