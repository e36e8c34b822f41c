import type { Users } from "../accounts/users.ts";
import { mailStates } from "../engines/database/tables.ts";
import type { RecordedMail } from "../engines/mail/mail-list.ts";
import type { MailRecord } from "../engines/mail/mail-record.ts";
import { AppError } from "../errors/errors.ts";
import type { Api } from "../http/server.ts";
import { readableEmail } from "../kernel/email-address.ts";
import { maskText } from "../kernel/mask.ts";
import Type from "../kernel/schema/schema.ts";
import { defaultPageSize, masked, pageSize } from "./admin-fields.ts";
import { needs } from "./staff.ts";

const nullableText = Type.Union([Type.String(), Type.Null()]);

const MailAnswer = Type.Object({
  id: Type.Integer(),
  /** Before the @ of its Message-ID, for the mail server's log. */
  message_id: Type.String(),
  to: nullableText,
  kind: Type.String(),
  state: Type.String(),
  words: nullableText,
  tries: Type.Integer(),
  queued_at: Type.String(),
  changed_at: Type.String(),
  job: Type.Union([Type.String(), Type.Null()], {
    description: "the job that sends it, in GET /admin/jobs/<job>/",
  }),
});

/** GET /admin/mails/: what became of the mails of the last thirty days, for staff; never what was in them. */
export function mailAdminRoutes(
  api: Api,
  { mails, users }: { readonly mails: MailRecord; readonly users: Users },
): void {
  api.route({
    method: "GET",
    url: "/admin/mails/",
    config: { ...needs("mail.view_mail"), dear: true },
    schema: {
      summary: "What became of mails, newest first; `to`: exactly this address; `user`: of this account",
      tags: ["administration"],
      querystring: Type.Object({
        to: Type.Optional(Type.String({ maxLength: 254 })),
        user: Type.Optional(Type.Integer({ minimum: 1 })),
        state: Type.Optional(Type.Enum(mailStates)),
        before: Type.Optional(Type.Integer({ minimum: 1 })),
        masked,
        limit: pageSize,
      }),
      response: {
        200: Type.Object({
          results: Type.Array(MailAnswer),
          next: Type.Union([Type.Integer(), Type.Null()], {
            description:
              "`before` of the next page; null at the end. A page may be short and still have one.",
          }),
        }),
      },
    },
    async handler(request) {
      const { limit = defaultPageSize, state, before: beforeId, masked: isMasked = false } = request.query;
      const whose = await ownerOf(request.query);
      // An account without an address and a number was sent none.
      if (whose?.to.length === 0) return { results: [], next: null };
      const page = await mails.list({ limit, to: whose?.to, userId: whose?.userId, state, beforeId });
      return { results: page.mails.map((mail) => render(mail, isMasked)), next: page.next };
    },
  });

  /** Error: `not_found`. */
  async function ownerOf({ to, user }: { readonly to?: string; readonly user?: number }) {
    if (user === undefined) {
      return to === undefined ? null : { to: [to], userId: (await users.byEmail(to))?.id };
    }
    const found = await users.byId(user);
    if (found === null) throw new AppError("not_found");
    return { to: [found.email, found.mobile].filter((name) => name !== null), userId: found.id };
  }
}

function render(mail: RecordedMail, isMasked: boolean) {
  const to = mail.to_address === null ? null : readableEmail(mail.to_address);
  return {
    id: mail.id,
    message_id: mail.mail_id,
    to: to !== null && isMasked ? maskText(to) : to,
    kind: mail.kind,
    state: mail.state,
    words: mail.words,
    tries: mail.tries,
    queued_at: new Date(mail.created_at).toISOString(),
    changed_at: new Date(mail.updated_at).toISOString(),
    job: mail.job_id,
  };
}
