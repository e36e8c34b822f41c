import type { Users } from "../accounts/users.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import { AppError } from "../errors/errors.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import type { Exports } from "../rights/exports.ts";
import { idParameters } from "./admin-fields.ts";
import type { Limits } from "./administrator.ts";
import { administratorOf, needsPerson } from "./staff.ts";

export interface UserArchiveDeps {
  readonly users: Pick<Users, "byId">;
  readonly limits: Pick<Limits, "mayTouch">;
  readonly exports: Pick<Exports, "hand">;
  readonly jobs: Jobs;
}

/** Everything that is kept about a person, for an owner who asks by letter: what GET /user/export/ gives who can log in. */
export function userArchiveRoutes(api: Api, { users, limits, exports, jobs }: UserArchiveDeps): void {
  api.route({
    method: "POST",
    url: "/admin/users/:id/archive/",
    config: { ...needsPerson("users.export_user"), dear: true },
    schema: {
      summary: "A ZIP of everything that is kept about an account, to be given to its owner, who is told",
      tags: ["administration"],
      params: idParameters,
      body: Type.Object({ reason: Type.String({ minLength: 4, maxLength: 500 }) }),
    },
    async handler(request, reply) {
      const actor = administratorOf(request);
      const user = await users.byId(request.params.id);
      if (user === null) throw new AppError("not_found");
      await limits.mayTouch(actor, user);
      const { reason } = request.body;
      const archive = await exports.hand(jobs, actor, user, { reason, language: request.language });
      reply
        .header("cache-control", "no-store")
        .header("content-disposition", `attachment; filename="account-${user.id}.zip"`)
        .type("application/zip");
      return reply.send(archive);
    },
  });
}
