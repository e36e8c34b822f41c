import { email } from "../accounts/email.ts";
import { mobile } from "../accounts/mobile.ts";
import { personName } from "../accounts/person-name.ts";
import { username } from "../accounts/username.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import {
  defaultPageSize,
  idParameters,
  pageSize,
  renderUser,
  renderUserView,
  UserAnswer,
  UserFields,
} from "./admin-fields.ts";
import { administratorOf, needs } from "./staff.ts";
import type { UserAdmin } from "./user-admin.ts";

const ChangeBody = Type.Object({
  username: Type.Optional(Type.String(username.sentBack)),
  email: Type.Optional(Type.String({ ...email.operator, nullable: true })),
  mobile: Type.Optional(Type.String({ ...mobile.operator, nullable: true })),
  first_name: Type.Optional(Type.String(personName.options)),
  last_name: Type.Optional(Type.String(personName.options)),
  is_active: Type.Optional(Type.Boolean()),
  is_staff: Type.Optional(Type.Boolean()),
  is_superuser: Type.Optional(Type.Boolean()),
});

const ok = { 200: Type.Object({ message: Type.String() }) };

/** /admin/users/: accounts for staff, each route with its own permission. */
export function userAdminRoutes(
  api: Api,
  { userAdmin, devices }: { userAdmin: UserAdmin; devices: KnownDevices },
): void {
  const tags = ["administration"];

  api.route({
    method: "GET",
    url: "/admin/users/",
    config: needs("users.view_user"),
    schema: {
      summary: "List accounts; `search` is the beginning of a name, address or number",
      tags,
      querystring: Type.Object({
        search: Type.Optional(Type.String({ maxLength: 254 })),
        is_active: Type.Optional(Type.Boolean()),
        is_staff: Type.Optional(Type.Boolean()),
        is_superuser: Type.Optional(Type.Boolean()),
        group: Type.Optional(Type.Integer({ minimum: 1 })),
        after: Type.Optional(Type.Integer({ minimum: 0 })),
        limit: pageSize,
      }),
      response: {
        200: Type.Object({
          results: Type.Array(Type.Object(UserFields)),
          next: Type.Union([Type.Integer(), Type.Null()]),
        }),
      },
    },
    async handler(request) {
      const { limit = defaultPageSize, ...filter } = request.query;
      // One more than asked for tells whether there is a next page.
      const rows = await userAdmin.list({ ...filter, limit: limit + 1 });
      const results = rows.slice(0, limit).map(renderUser);
      return { results, next: rows.length > limit ? results.at(-1)!.id : null };
    },
  });

  api.route({
    method: "GET",
    url: "/admin/users/:id/",
    config: needs("users.view_user"),
    schema: { summary: "Show an account", tags, params: idParameters, response: { 200: UserAnswer } },
    handler: async (request) => renderUserView(await userAdmin.show(request.params.id)),
  });

  api.route({
    method: "PATCH",
    url: "/admin/users/:id/",
    config: needs("users.change_user"),
    schema: {
      summary: "Change an account; `is_active: false` ends its tokens",
      tags,
      params: idParameters,
      body: ChangeBody,
      response: { 200: UserAnswer },
    },
    async handler(request) {
      const { is_active, is_staff, is_superuser, ...rest } = request.body;
      const flags = Object.entries({ is_active, is_staff, is_superuser })
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [name, value ? 1 : 0]);
      const changes = { ...rest, ...Object.fromEntries(flags) };
      return renderUserView(await userAdmin.change(administratorOf(request), request.params.id, changes));
    },
  });

  api.route({
    method: "PUT",
    url: "/admin/users/:id/groups/",
    config: needs("users.change_user"),
    schema: {
      summary: "Set an account's groups",
      tags,
      params: idParameters,
      body: Type.Object({ groups: Type.Array(Type.Integer({ minimum: 1 }), { maxItems: 200 }) }),
      response: { 200: UserAnswer },
    },
    handler: async (request) =>
      renderUserView(
        await userAdmin.setGroups(administratorOf(request), request.params.id, request.body.groups),
      ),
  });

  api.route({
    method: "PUT",
    url: "/admin/users/:id/permissions/",
    config: needs("users.change_user"),
    schema: {
      summary: "Set the permissions granted to an account itself",
      tags,
      params: idParameters,
      body: Type.Object({ permissions: Type.Array(Type.String({ maxLength: 201 }), { maxItems: 500 }) }),
      response: { 200: UserAnswer },
    },
    handler: async (request) =>
      renderUserView(
        await userAdmin.setPermissions(administratorOf(request), request.params.id, request.body.permissions),
      ),
  });

  api.route({
    method: "POST",
    url: "/admin/users/:id/end-tokens/",
    config: needs("users.change_user"),
    schema: { summary: "End every token of an account", tags, params: idParameters, response: ok },
    async handler(request) {
      await userAdmin.endTokens(administratorOf(request), request.params.id);
      return { message: "OK" };
    },
  });

  api.route({
    method: "POST",
    url: "/admin/users/:id/password-reset/",
    config: needs("users.change_user"),
    schema: {
      summary: "Mail the owner a code for a new password",
      tags,
      params: idParameters,
      response: ok,
    },
    async handler(request) {
      const { language } = request;
      await userAdmin.startPasswordReset(administratorOf(request), request.params.id, {
        language,
        asker: await devices.askerOf(request),
      });
      return { message: "OK" };
    },
  });
}
