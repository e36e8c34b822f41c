import Type from "typebox";
import { defineJob } from "../../src/engines/jobs/jobs.ts";

/** Kinds of jobs for tests of the queue itself. */
export const testMail = defineJob(
  "test.mail",
  Type.Object({ to: Type.String() }, { additionalProperties: false }),
);

/** One without a payload. */
export const emptyJob = (name: string) => defineJob(name, Type.Object({}));
