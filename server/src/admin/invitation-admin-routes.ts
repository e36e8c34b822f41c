import { email } from "../accounts/email.ts";
import type { Invitation } from "../admission/invitation.ts";
import { invitationLink } from "../admission/invitation-token.ts";
import type { Invitations } from "../admission/invitations.ts";
import type { Api } from "../http/server.ts";
import { readableEmail } from "../kernel/email-address.ts";
import { maskText } from "../kernel/mask.ts";
import Type from "../kernel/schema/schema.ts";
import { defaultPageSize, idParameters, masked, pageSize } from "./admin-fields.ts";
import type { Reveals } from "./reveals.ts";
import { administratorOf, needs, needsPerson } from "./staff.ts";

export interface InvitationAdminRoutesDeps {
  readonly invitations: Invitations;
  readonly reveals: Reveals;
  /** PUBLIC_SITE_URL: where links lead. */
  readonly siteUrl: string;
  /** How long one works where nothing is said, in days. */
  readonly lifeDays: number;
}

const nullableText = Type.Union([Type.String(), Type.Null()]);
const nullableId = Type.Union([Type.Integer(), Type.Null()]);

const InvitationFields = {
  id: Type.Integer(),
  email: nullableText,
  group: nullableId,
  maker: nullableId,
  max_uses: Type.Integer(),
  uses: Type.Integer(),
  created: Type.String(),
  expires: Type.String(),
};

const Body = Type.Object({
  email: Type.Optional(Type.String({ ...email.operator, nullable: true })),
  group: Type.Optional(Type.Integer({ minimum: 1 })),
  max_uses: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  days: Type.Optional(Type.Integer({ minimum: 1, maximum: 90 })),
});

const daySeconds = 24 * 3600;

/** /admin/invitations/: who invites whom. What a link holds is shown once, to who made it, and never for a mailed one. */
export function invitationAdminRoutes(api: Api, deps: InvitationAdminRoutesDeps): void {
  const { invitations, reveals, siteUrl, lifeDays } = deps;
  const tags = ["administration"];

  api.route({
    method: "GET",
    url: "/admin/invitations/",
    config: needs("users.view_user"),
    schema: {
      summary: "List invitations, the newest first; those that ended stay for 30 days",
      tags,
      querystring: Type.Object({
        before: Type.Optional(Type.Integer({ minimum: 1 })),
        masked,
        limit: pageSize,
      }),
      response: {
        200: Type.Object({ results: Type.Array(Type.Object(InvitationFields)), next: nullableId }),
      },
    },
    async handler(request) {
      const { limit = defaultPageSize, before, masked: isMasked = false } = request.query;
      const rows = await invitations.list({ limit: limit + 1, before });
      const shown = (row: Invitation) => {
        const one = render(row);
        return isMasked && one.email !== null ? { ...one, email: maskText(one.email) } : one;
      };
      const results = rows.slice(0, limit).map(shown);
      if (!isMasked) await reveals.list(administratorOf(request), "invitations", results.length);
      return { results, next: rows.length > limit ? results.at(-1)!.id : null };
    },
  });

  api.route({
    method: "POST",
    url: "/admin/invitations/",
    config: needsPerson("users.add_user"),
    schema: {
      summary: "Invite: by mail to an address, or by a link that is shown once",
      tags,
      body: Body,
      response: { 201: Type.Object({ ...InvitationFields, link: nullableText }) },
    },
    async handler(request, reply) {
      const { email: address, group, max_uses, days = lifeDays } = request.body;
      const { row, token } = await invitations.add(administratorOf(request), {
        email: address ? email.normalize(address) : null,
        groupId: group ?? null,
        // A mailed one is for one person.
        maxUses: address ? 1 : (max_uses ?? 1),
        lifeSeconds: days * daySeconds,
      });
      reply.code(201);
      return { ...render(row), link: row.email === null ? invitationLink(siteUrl, token) : null };
    },
  });

  api.route({
    method: "DELETE",
    url: "/admin/invitations/:id/",
    config: needsPerson("users.add_user"),
    schema: {
      summary: "Withdraw an invitation",
      tags,
      params: idParameters,
      response: { 204: Type.Null() },
    },
    async handler(request, reply) {
      await invitations.revoke(administratorOf(request), request.params.id);
      return reply.code(204).send(null);
    },
  });
}

function render(row: Invitation) {
  return {
    id: row.id,
    email: row.email === null ? null : readableEmail(row.email),
    group: row.group_id,
    maker: row.maker_id,
    max_uses: row.max_uses,
    uses: row.uses,
    created: new Date(row.created_at).toISOString(),
    expires: new Date(row.expires_at).toISOString(),
  };
}
