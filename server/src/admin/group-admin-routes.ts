import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import { idParameters } from "./admin-fields.ts";
import type { GroupAdmin } from "./group-admin.ts";
import { administratorOf, needs, needsPerson } from "./staff.ts";

const permissionNames = Type.Array(Type.String({ maxLength: 201 }), { maxItems: 500 });
const GroupAnswer = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  permissions: Type.Array(Type.String()),
});
const PermissionAnswer = Type.Object({
  permission: Type.String(),
  app: Type.String(),
  model: Type.String(),
  codename: Type.String(),
  name: Type.String(),
});
/** Letters, digits and underscores, as Django's names are. */
const namePart = (maxLength: number) =>
  Type.String({ maxLength, check: (value: string) => (/^\w+$/.test(value) ? null : "not_a_name") });

/** What may be changed of a group; `manage group` reads it, too. */
export const GroupChange = Type.Object({
  name: Type.Optional(Type.String({ maxLength: 150 })),
  permissions: Type.Optional(permissionNames),
});
/** A permission to be made; `manage permission` reads it, too. */
export const NewPermission = Type.Object({
  app: namePart(100),
  codename: namePart(100),
  name: Type.String({ maxLength: 255 }),
});

/** /admin/groups/ and /admin/permissions/. */
export function groupAdminRoutes(api: Api, { groupAdmin }: { groupAdmin: GroupAdmin }): void {
  const tags = ["administration"];
  const render = ({
    id,
    name,
    permissions,
  }: {
    id: number;
    name: string;
    permissions: readonly string[];
  }) => ({
    id,
    name,
    permissions: [...permissions],
  });

  api.route({
    method: "GET",
    url: "/admin/groups/",
    config: needs("auth.view_group"),
    schema: {
      summary: "List groups",
      tags,
      response: {
        200: Type.Object({ results: Type.Array(Type.Object({ id: Type.Integer(), name: Type.String() })) }),
      },
    },
    handler: async () => ({ results: await groupAdmin.list() }),
  });

  api.route({
    method: "POST",
    url: "/admin/groups/",
    config: needsPerson("auth.add_group"),
    schema: {
      summary: "Make a group",
      tags,
      body: Type.Object({
        name: Type.String({ maxLength: 150 }),
        permissions: Type.Optional(permissionNames),
      }),
      response: { 201: GroupAnswer },
    },
    async handler(request, reply) {
      const { name, permissions = [] } = request.body;
      reply.code(201);
      return render(await groupAdmin.add(administratorOf(request), { name, permissions }));
    },
  });

  api.route({
    method: "GET",
    url: "/admin/groups/:id/",
    config: needs("auth.view_group"),
    schema: { summary: "Show a group", tags, params: idParameters, response: { 200: GroupAnswer } },
    handler: async (request) => render(await groupAdmin.show(request.params.id)),
  });

  api.route({
    method: "PATCH",
    url: "/admin/groups/:id/",
    config: needsPerson("auth.change_group"),
    schema: {
      summary: "Rename a group or set its permissions",
      tags,
      params: idParameters,
      body: GroupChange,
      response: { 200: GroupAnswer },
    },
    handler: async (request) =>
      render(await groupAdmin.change(administratorOf(request), request.params.id, request.body)),
  });

  api.route({
    method: "DELETE",
    url: "/admin/groups/:id/",
    config: needsPerson("auth.delete_group"),
    schema: { summary: "Delete a group", tags, params: idParameters, response: { 204: Type.Null() } },
    async handler(request, reply) {
      await groupAdmin.remove(administratorOf(request), request.params.id);
      return reply.code(204).send(null);
    },
  });

  api.route({
    method: "GET",
    url: "/admin/permissions/",
    config: needs("auth.view_permission"),
    schema: {
      summary: "List permissions",
      tags,
      response: { 200: Type.Object({ results: Type.Array(PermissionAnswer) }) },
    },
    handler: async () => ({
      results: (await groupAdmin.listPermissions()).map(({ app, model, codename, name }) => ({
        permission: `${app}.${codename}`,
        app,
        model,
        codename,
        name,
      })),
    }),
  });

  api.route({
    method: "POST",
    url: "/admin/permissions/",
    config: needsPerson("auth.add_permission"),
    schema: {
      summary: "Make a permission, to be granted here and asked for by another service",
      tags,
      body: NewPermission,
      response: { 201: PermissionAnswer },
    },
    async handler(request, reply) {
      const { app, codename, name } = request.body;
      await groupAdmin.addPermission(administratorOf(request), { app, codename, name });
      reply.code(201);
      return { permission: `${app}.${codename}`, app, model: "", codename, name };
    },
  });
}
