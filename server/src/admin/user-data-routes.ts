import { Readable } from "node:stream";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import { idParameters, renderUserView, UserAnswer, UserFilterFields } from "./admin-fields.ts";
import type { Reveals } from "./reveals.ts";
import { administratorOf, needsPerson } from "./staff.ts";
import type { UserAdmin } from "./user-admin.ts";
import { exportForms, type UserExport } from "./user-export.ts";

/** What leaves the server of people's data beyond what a list shows masked; each asking is in the audit log. */
export interface UserDataDeps {
  readonly reveals: Reveals;
  readonly userAdmin: UserAdmin;
  readonly userExport: UserExport;
}

export function userDataRoutes(api: Api, { reveals, userAdmin, userExport }: UserDataDeps): void {
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
      await reveals.one(actor, view.user.id);
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
