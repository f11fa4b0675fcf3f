import morphdom from 'morphdom';

/** A page that can be brought up to date. */
export interface LivePage {
  /** Shows the page as it is at another address, which becomes this one's. */
  show(url: string): Promise<void>;
}

const EVERY_MS = 5000;
const SLOWEST_MS = 60_000;
const PATIENCE_MS = 15_000;

/** Fetches the page again every few seconds while it can be seen, and changes what is different. */
export function keepUpToDate(afterChange: () => void): LivePage {
  const { refresh } = document.body.dataset;
  const status = document.getElementById('connection')!;
  let url = refresh === undefined ? undefined : new URL(refresh, location.href).href;
  let waitMs = EVERY_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: AbortController | undefined;

  function say(text: string, isLost: boolean): void {
    if (status.textContent !== text) status.textContent = text;
    document.documentElement.classList.toggle('lost', isLost);
  }

  function schedule(): void {
    clearTimeout(timer);
    if (url !== undefined && !document.hidden) timer = setTimeout(() => void update(), waitMs);
  }

  async function update(): Promise<void> {
    if (url === undefined) return;
    clearTimeout(timer);
    running?.abort();
    const own = new AbortController();
    running = own;
    const late = setTimeout(() => own.abort(), PATIENCE_MS);
    try {
      const response = await fetch(url, { signal: own.signal, cache: 'no-store', credentials: 'same-origin' });
      if (response.status === 429 || response.status === 503) {
        waitMs = Math.min(SLOWEST_MS, Math.max(waitMs * 2, 1000 * Number(response.headers.get('retry-after') ?? 0)));
        say('The server asks for fewer requests; updates are slower now.', false);
      } else if (response.status === 401 || response.status === 403) {
        waitMs = SLOWEST_MS;
        say('You are no longer logged in; reload the page.', true);
      } else {
        change(await response.text());
        waitMs = EVERY_MS;
        say('Live: updated every 5 seconds.', false);
      }
    } catch {
      // Aborted for another one.
      if (running !== own) return;
      waitMs = Math.min(SLOWEST_MS, waitMs * 1.5);
      say('The exporter does not answer. This page shows what it said last, and tries again.', true);
    } finally {
      clearTimeout(late);
      if (running === own) schedule();
    }
  }

  function change(text: string): void {
    const next = new DOMParser().parseFromString(text, 'text/html');
    for (const id of ['facts', 'results', 'jobs', 'recent', 'chart']) {
      const [here, there] = [document.getElementById(id), next.getElementById(id)];
      if (here !== null && there !== null) morphdom(here, document.adoptNode(there), { onBeforeElUpdated });
    }
    afterChange();
  }

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) clearTimeout(timer);
    else void update();
  });
  addEventListener('online', () => void update());
  if (url !== undefined) say('Live: updated every 5 seconds.', false);
  schedule();

  return {
    async show(to) {
      url = to;
      history.replaceState(null, '', to);
      await update();
    },
  };
}

/** Keeps what a person has opened, chosen or selected, and what scripts have drawn. */
function onBeforeElUpdated(from: HTMLElement, to: HTMLElement): boolean {
  if (from instanceof HTMLDetailsElement && from.open) to.setAttribute('open', '');
  if (from.classList.contains('spark') || from.classList.contains('chart')) {
    for (const { name, value } of to.attributes) from.setAttribute(name, value);
    return false;
  }
  if (from instanceof HTMLButtonElement && from.classList.contains('copy')) {
    from.dataset.copy = to.dataset.copy;
    return false;
  }
  return !from.isEqualNode(to);
}
