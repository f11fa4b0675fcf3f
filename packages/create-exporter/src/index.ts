/// <reference types="node" preserve="true" />
export type { Plan } from './plan/create.ts';
export { type ScaffoldOptions, scaffold } from './scaffold.ts';
export { UserError } from './user-error.ts';
