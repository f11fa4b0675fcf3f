/** Counts ages on between updates: `12 s ago`. */
export function countAges(): void {
  setInterval(() => {
    if (document.hidden) return;
    for (const time of document.querySelectorAll<HTMLTimeElement>('time[data-age]')) {
      const seconds = Math.floor((Date.now() - Date.parse(time.dateTime)) / 1000);
      if (seconds < 60) time.textContent = seconds < 1 ? 'now' : `${seconds} s ago`;
    }
  }, 1000);
}
