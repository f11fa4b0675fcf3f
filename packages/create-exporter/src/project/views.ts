/** Whether a file of a project is one that the project's program generates, by its command `views`. */
export const isView = (path: string): boolean => path.startsWith('views/');

/** What to do after a change that the views of a project show. */
export const writeViews = (project: string): string =>
  `${project}/views: the program has changed; write its views again by: npm run views --prefix ${project}`;
