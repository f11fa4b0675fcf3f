/** Draws a row of a dashboard, in place of the one before; resolves with what became of each panel. */
globalThis.drawRow = async ({ title, row }) => {
  document.body.textContent = '';
  addElement(document.body, 'h1', '', `${title} / ${row.title}`);
  const grid = addElement(document.body, 'div', 'grid');
  const checks = row.panels.map((answered) => drawPanel(grid, answered, row));
  await new Promise(requestAnimationFrame);
  return checks.map((check) => check());
};

function drawPanel(grid, answered, shown) {
  const { panel, answers } = answered;
  const lines = answers.flatMap((answer) => answer.lines);
  const error = answers.find((answer) => answer.error !== undefined)?.error;
  const { title, type, gridPos } = panel;
  const box = addElement(grid, 'section', 'panel');
  box.style.gridColumn = `span ${gridPos.w}`;
  box.style.height = `${gridPos.h * 30}px`;
  addElement(box, 'h2', '', title);
  const body = addElement(box, 'div', 'body');
  if (type === 'timeseries') legend(box, lines);
  const fault = (state, text) => {
    addElement(body, 'p', 'fault', text);
    return { title, state, text };
  };
  if (error !== undefined) return () => fault('error', error);
  if (lines.length === 0) return () => fault('empty', 'No data');
  try {
    const isSeen = charts[type](body, { panel, lines, shown });
    return () => (isSeen() ? { title, state: 'drawn', text: '' } : fault('empty', 'Nothing to see'));
  } catch (thrown) {
    return () => fault('error', String(thrown));
  }
}

function legend(box, lines) {
  const list = addElement(box, 'div', 'legend');
  lines.forEach(({ legend }, i) => {
    const entry = addElement(list, 'span');
    addElement(entry, 'i').style.background = colourAt(i);
    entry.append(legend);
  });
}
