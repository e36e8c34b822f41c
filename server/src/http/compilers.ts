import type { FastifyServerOptions } from "fastify";
import { compileFields } from "../kernel/schema/read-fields.ts";
import { compileAnswer } from "../kernel/schema/write-answer.ts";

/**
 * What reads fields and writes answers, for every Fastify of ours. Given at its making, because Fastify loads its
 * own compilers otherwise, even where others are set later.
 */
export const schemaController = {
  compilersFactory: {
    buildValidator: () => compileFields,
    buildSerializer:
      () =>
      ({ schema }: { schema: object }) =>
        compileAnswer(schema),
  },
} as unknown as NonNullable<FastifyServerOptions["schemaController"]>;
