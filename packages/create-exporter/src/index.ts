export type { Plan } from './project/plan.ts';
export { Refusal } from './refusal.ts';
export { type ScaffoldOptions, scaffold } from './scaffold.ts';
