import { email } from "../accounts/email.ts";
import { mobile } from "../accounts/mobile.ts";
import { nickname } from "../accounts/nickname.ts";
import { personName } from "../accounts/person-name.ts";
import { username } from "../accounts/username.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import {
  defaultPageSize,
  idParameters,
  masked,
  pageSize,
  renderUser,
  renderUserView,
  UserAnswer,
  UserFields,
  UserFilterFields,
} from "./admin-fields.ts";
import { maskUser, maskUserView } from "./masked-user.ts";
import type { Reveals } from "./reveals.ts";
import { administratorOf, needs, needsPerson } from "./staff.ts";
import type { UserAdmin } from "./user-admin.ts";

const ChangeBody = Type.Object({
  username: Type.Optional(Type.String(username.sentBack)),
  email: Type.Optional(Type.String({ ...email.operator, nullable: true })),
  mobile: Type.Optional(Type.String({ ...mobile.operator, nullable: true })),
  first_name: Type.Optional(Type.String(personName.options)),
  last_name: Type.Optional(Type.String(personName.options)),
  nickname: Type.Optional(Type.String({ ...nickname.operator, allowBlank: true, nullable: true })),
  is_active: Type.Optional(Type.Boolean()),
  is_staff: Type.Optional(Type.Boolean()),
  is_superuser: Type.Optional(Type.Boolean()),
  fields: Type.Optional(Type.Record(Type.String(), Type.Any())),
});

const NewBody = Type.Object({
  username: Type.Optional(Type.String(username.operator)),
  email: Type.String(email.operator),
  mobile: Type.Optional(Type.String({ ...mobile.operator, nullable: true })),
  first_name: Type.Optional(Type.String(personName.options)),
  last_name: Type.Optional(Type.String(personName.options)),
  groups: Type.Optional(Type.Array(Type.Integer({ minimum: 1 }), { maxItems: 200 })),
  fields: Type.Optional(Type.Record(Type.String(), Type.Any())),
});

const ok = { 200: Type.Object({ message: Type.String() }) };

/** /admin/users/: accounts for staff, each route with its own permission. */
export function userAdminRoutes(
  api: Api,
  { userAdmin, devices, reveals }: { userAdmin: UserAdmin; devices: KnownDevices; reveals: Reveals },
): void {
  const tags = ["administration"];

  api.route({
    method: "GET",
    url: "/admin/users/",
    config: { ...needs("users.view_user"), dear: true },
    schema: {
      summary:
        "List accounts; `search` is an id, a name, an address, a number or a key at a third party, `match` how it has to fit",
      tags,
      querystring: Type.Object({
        ...UserFilterFields,
        masked,
        after: Type.Optional(Type.Integer({ minimum: 0 })),
        limit: pageSize,
      }),
      response: {
        200: Type.Object({
          results: Type.Array(Type.Object(UserFields)),
          next: Type.Union([Type.Integer(), Type.Null()], {
            description: "`after` of the next page; null at the end. A page may be short and still have one.",
          }),
        }),
      },
    },
    async handler(request) {
      const { limit = defaultPageSize, masked: isMasked, ...filter } = request.query;
      const { rows, next } = await userAdmin.list({ ...filter, limit });
      const results = rows.map(renderUser);
      if (isMasked) return { results: results.map(maskUser), next };
      await reveals.list(administratorOf(request), "users", rows.length);
      return { results, next };
    },
  });

  api.route({
    method: "POST",
    url: "/admin/users/",
    config: needs("users.add_user"),
    schema: {
      summary: "Make an account without a password; its owner is mailed where to set one",
      tags,
      body: NewBody,
      response: { 201: UserAnswer },
    },
    async handler(request, reply) {
      const { groups = [], ...given } = request.body;
      const made = await userAdmin.add(administratorOf(request), { ...given, groups });
      reply.code(201);
      return renderUserView(made);
    },
  });

  api.route({
    method: "GET",
    url: "/admin/users/:id/",
    config: needs("users.view_user"),
    schema: {
      summary: "Show an account",
      tags,
      params: idParameters,
      querystring: Type.Object({ masked }),
      response: { 200: UserAnswer },
    },
    async handler(request) {
      const user = renderUserView(await userAdmin.show(administratorOf(request), request.params.id));
      if (request.query.masked) return maskUserView(user);
      await reveals.one(administratorOf(request), user.id);
      return user;
    },
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
      const { is_active, is_staff, is_superuser, fields, ...rest } = request.body;
      const flags = Object.entries({ is_active, is_staff, is_superuser })
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [name, value ? 1 : 0]);
      const changes = { ...rest, ...Object.fromEntries(flags) };
      const { id } = request.params;
      return renderUserView(await userAdmin.change(administratorOf(request), id, changes, fields));
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
    config: needsPerson("users.change_user"),
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
    config: needsPerson("users.change_user"),
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
