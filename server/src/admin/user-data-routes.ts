import { Readable } from "node:stream";
import type { Users } from "../accounts/users.ts";
import type { Audit } from "../audit/audit.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError } from "../errors/errors.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import { idParameters, renderUserView, UserAnswer, UserFilterFields } from "./admin-fields.ts";
import { administratorOf, needsPerson } from "./staff.ts";
import type { UserAdmin } from "./user-admin.ts";
import { exportForms, type UserExport } from "./user-export.ts";

/** What leaves the server of people's data beyond what a list shows masked; each asking is in the audit log. */
export interface UserDataDeps {
  readonly db: Db;
  readonly audit: Audit;
  readonly users: Pick<Users, "lock">;
  readonly userAdmin: UserAdmin;
  readonly userExport: UserExport;
}

export function userDataRoutes(api: Api, { db, audit, users, userAdmin, userExport }: UserDataDeps): void {
  const tags = ["administration"];

  api.route({
    method: "POST",
    url: "/admin/users/:id/reveal/",
    // It changes nothing; who may see the list may ask, and it is written down who did.
    config: { ...needsPerson("users.view_user"), stepUp: "none" },
    schema: {
      summary: "Show an account unmasked; the audit log has who asked",
      tags,
      params: idParameters,
      response: { 200: UserAnswer },
    },
    async handler(request) {
      const actor = administratorOf(request);
      const view = await userAdmin.show(actor, request.params.id);
      await db.transaction(async (transaction) => {
        const user = await users.lock(transaction, view.user.id);
        if (user === null) throw new AppError("not_found");
        await audit.record(transaction, actor, {
          ...{ action: "user.reveal", targetKind: "user", targetId: user.id },
          ...{ target: user.username, before: {}, after: { shown: "all" } },
        });
      });
      return renderUserView(view);
    },
  });

  api.route({
    method: "POST",
    url: "/admin/users/export/",
    config: needsPerson("users.export_user"),
    schema: {
      summary: "Accounts as a file, by the filters of the list: CSV for spreadsheets, or JSON lines",
      tags,
      body: Type.Object({ format: Type.Enum([...exportForms]), ...UserFilterFields }),
    },
    async handler(request, reply) {
      const { format, ...filter } = request.body;
      const lines = await userExport.begin(administratorOf(request), format, filter);
      reply
        .header("cache-control", "no-store")
        .header("content-disposition", `attachment; filename="accounts.${format}"`)
        .type(format === "csv" ? "text/csv; charset=utf-8" : "application/x-ndjson; charset=utf-8");
      return reply.send(Readable.from(lines));
    },
  });
}
