import type { Jobs } from "../engines/jobs/jobs.ts";
import { userOf } from "../http/authentication.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import type { DataExport } from "./export-store.ts";
import type { Exports } from "./exports.ts";

const Answer = Type.Object({
  id: Type.String(),
  state: Type.Enum(["preparing", "ready"]),
  asked_at: Type.String(),
  ready_at: Type.Union([Type.String(), Type.Null()]),
  expires_at: Type.String(),
  bytes: Type.Union([Type.Integer(), Type.Null()]),
});
const tags = ["own data"];
const config = { auth: "required", stepUp: "export" } as const;

/** /user/export/: everything that is kept about oneself. */
export function exportRoutes(api: Api, { exports, jobs }: { exports: Exports; jobs: Jobs }): void {
  api.route({
    method: "POST",
    url: "/user/export/",
    config,
    schema: {
      summary: "Ask for everything that is kept about oneself; once a day",
      ...{ tags, response: { 202: Answer } },
    },
    async handler(request, reply) {
      const asked = await exports.ask(jobs, userOf(request), request.language);
      reply.code(202);
      return answerOf(asked);
    },
  });

  api.route({
    method: "GET",
    url: "/user/export/",
    config: { auth: "required", impersonated: true },
    schema: {
      summary: "What was asked for in the last days, and whether it is ready",
      ...{ tags, response: { 200: Type.Object({ exports: Type.Array(Answer) }) } },
    },
    handler: async (request) => ({ exports: (await exports.list(userOf(request))).map(answerOf) }),
  });

  api.route({
    method: "GET",
    url: "/user/export/:export/",
    config,
    schema: {
      summary: "Fetch one: a ZIP of export.json and index.html",
      tags,
      params: Type.Object({ export: Type.String({ maxLength: 64, check: () => null }) }),
    },
    async handler(request, reply) {
      const archive = await exports.open(userOf(request), request.params.export);
      reply
        .header("cache-control", "no-store")
        .header("content-disposition", 'attachment; filename="my-data.zip"')
        .type("application/zip");
      return reply.send(archive);
    },
  });
}

function answerOf({ id, asked_at, ready_at, expires_at, bytes }: DataExport) {
  const timeOf = (millis: number) => new Date(millis).toISOString();
  return {
    ...{ id, state: ready_at === null ? ("preparing" as const) : ("ready" as const) },
    ...{ asked_at: timeOf(asked_at), ready_at: ready_at === null ? null : timeOf(ready_at) },
    ...{ expires_at: timeOf(expires_at), bytes },
  };
}
