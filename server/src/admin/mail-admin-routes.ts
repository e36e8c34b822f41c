import { mailStates } from "../engines/database/tables.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import { defaultPageSize, masked, pageSize } from "./admin-fields.ts";
import { createMailSearch, type MailSearchDeps, mailView } from "./mail-search.ts";
import type { Reveals } from "./reveals.ts";
import { administratorOf, needs } from "./staff.ts";

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
  { reveals, ...deps }: MailSearchDeps & { readonly reveals: Reveals },
): void {
  const find = createMailSearch(deps);
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
      const { limit = defaultPageSize, masked: isMasked = false, ...wanted } = request.query;
      const page = await find({ ...wanted, limit });
      if (!isMasked) await reveals.list(administratorOf(request), "mails", page.mails.length);
      return { results: page.mails.map((mail) => mailView(mail, isMasked)), next: page.next };
    },
  });
}
