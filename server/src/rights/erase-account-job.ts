import { defineJob } from "../engines/jobs/jobs.ts";
import Type from "../kernel/schema/schema.ts";

/** Erases an account whose grace is over (erase-job.ts). */
export const eraseAccountJob = defineJob("erase-account", Type.Object({ userId: Type.Integer() }));
