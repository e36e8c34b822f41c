import { email } from "../accounts/email.ts";
import { username } from "../accounts/username.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import { passwordField } from "../passwords/password-policy.ts";
import type { FirstSuperuser } from "./first-superuser.ts";

/** POST /setup/superuser/: the first superuser, by the link that the start of a development set-up gave; in no production. */
export function firstSuperuserRoutes(
  api: Api,
  { firstSuperuser }: { readonly firstSuperuser: Pick<FirstSuperuser, "claim"> },
): void {
  api.route({
    method: "POST",
    url: "/setup/superuser/",
    // The token in the body is what is asked for.
    config: { auth: "ignored" },
    schema: {
      summary: "Make the first superuser, by the link that a start in development gives",
      tags: ["operations"],
      body: Type.Object({
        token: Type.String({ minLength: 1, maxLength: 100 }),
        username: Type.String(username.operator),
        email: Type.Optional(Type.String({ ...email.operator, nullable: true })),
        password: Type.String(passwordField),
      }),
      response: { 201: Type.Object({ id: Type.Integer(), username: Type.String() }) },
    },
    async handler(request, reply) {
      const { email: given = null, ...input } = request.body;
      const { id, username: name } = await firstSuperuser.claim({ ...input, email: given }, request.ip);
      reply.code(201);
      return { id, username: name };
    },
  });
}
