/** One instruction of a Dockerfile, its continuation lines joined. */
export interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** A stage: from a FROM to the next. */
export interface Stage {
  /** What stands behind AS. */
  readonly name: string | undefined;
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

/** Reads a Dockerfile, as far as ours go: no heredocs, no parser directives. */
export function stagesOf(text: string): Stage[] {
  const lines = text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  for (const line of lines) {
    const [, name = '', rest = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    const from = name === 'FROM' ? /^(\S+)(?: AS (\S+))?$/.exec(rest) : undefined;
    if (from) stages.push({ from: from[1]!, name: from[2], instructions: [] });
    else if (stages.length === 0 || name === '') throw new Error(`not understood: ${line}`);
    else stages.at(-1)!.instructions.push({ name, rest });
  }
  return stages;
}

/** The array of an instruction in exec form; `undefined` for a line that a shell would read. */
export function execForm(rest: string): string[] | undefined {
  try {
    const array: unknown = JSON.parse(rest.slice(rest.indexOf('[')));
    return Array.isArray(array) && array.every((part) => typeof part === 'string') ? array : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What is wrong with a Dockerfile of ours.
 *
 * @param exists whether a path is in the build context.
 * @param port what its program listens on; `undefined` for one that does not.
 */
export function dockerfileProblems(text: string, exists: (path: string) => boolean, port?: number): string[] {
  const stages = stagesOf(text);
  const problems: string[] = [];
  const require = (ok: boolean, problem: string): unknown => ok || problems.push(problem);
  const names = stages.map(({ name }) => name);
  require(stages.length > 1, 'has one stage only');
  require(new Set(names).size === stages.length && !names.includes(undefined), 'stages need names of their own');
  for (const { from, instructions } of stages) {
    require(/^[a-z0-9./-]+:(?!latest)\d[\w.-]*$/.test(from), `FROM ${from}: say which version`);
    for (const { name, rest } of instructions) {
      if (name === 'ADD') problems.push('ADD does more than it says; use COPY');
      if (name !== 'COPY') continue;
      const words = rest.split(' ');
      const stage = /^--from=(\S+)$/.exec(words[0]!)?.[1];
      if (stage !== undefined) require(names.includes(stage), `COPY ${rest}: there is no stage ${stage}`);
      // With `*`, none need be there.
      else
        for (const path of words.slice(0, -1))
          require(path.includes('*') || exists(path), `COPY ${path}: is not there`);
    }
  }
  const last = stages.at(-1)?.instructions ?? [];
  const said = (name: string): string | undefined => last.findLast((each) => each.name === name)?.rest;
  const copies = last.filter(({ name }) => name === 'COPY').map(({ rest }) => rest);
  require(/^--from=\S+ \/image \.\/$/.test(
    copies.join(),
  ), 'copies /image alone: a project may lack any folder by name');
  require(/^[1-9]\d*(:[1-9]\d*)?$/.test(said('USER') ?? ''), 'USER is a number other than 0');
  require(execForm(said('ENTRYPOINT') ?? '')?.[0] === 'node', 'ENTRYPOINT runs node itself, without a shell');
  if (port === undefined) {
    require(said('EXPOSE') === undefined && said('HEALTHCHECK') === 'NONE', 'nothing listens, so nothing is asked');
  } else {
    require(said('EXPOSE')?.split(' ').includes(String(port)) === true, `EXPOSE ${port}`);
    const check = said('HEALTHCHECK') ?? '';
    require(/(^| )CMD \["node", /.test(check) &&
      execForm(check) !== undefined, 'HEALTHCHECK runs node, without a shell');
    require(check.includes('exporter-health'), 'HEALTHCHECK runs exporter-health');
  }
  return problems;
}
