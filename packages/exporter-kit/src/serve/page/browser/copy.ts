const SHOWN_MS = 1500;

/** Shows the buttons that copy an expression, which need a script. */
export function showCopyButtons(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('button.copy[hidden]')) {
    button.hidden = false;
    button.addEventListener('click', () => void copy(button));
  }
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const said = button.firstChild!;
  const went = await write(button.dataset.copy ?? '');
  said.textContent = went ? 'Copied' : 'Not copied';
  const status = document.getElementById('connection');
  if (status !== null) status.textContent = went ? 'Copied.' : 'The browser does not allow to copy.';
  setTimeout(() => {
    said.textContent = 'Copy';
  }, SHOWN_MS);
}

/** A page that was not fetched by HTTPS, or from this machine, has no clipboard. */
async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'hidden';
    document.body.append(area);
    area.select();
    const went = document.execCommand('copy');
    area.remove();
    return went;
  }
}
