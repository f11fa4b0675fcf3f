export type { Plan } from './plan/create.ts';
export { Refusal } from './refusal.ts';
export { type ScaffoldOptions, scaffold } from './scaffold.ts';
