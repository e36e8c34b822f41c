import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import type { MailEvents } from "./mail-events.ts";

/** POST /mails/events/: what mail services report. Who sends it is known by its signature, over the body's very bytes. */
export function mailEventRoutes(api: Api, events: MailEvents): void {
  api.register(async (raw) => {
    raw.removeAllContentTypeParsers();
    raw.addContentTypeParser("*", { parseAs: "buffer" }, (_request, bytes, done) => done(null, bytes));
    raw.route({
      method: "POST",
      url: "/mails/events/",
      config: { auth: "ignored" },
      schema: {
        summary: "What a mail service reports of a mail; signed, see docs/mail.md",
        tags: ["mail services"],
        response: { 200: Type.Object({ message: Type.String() }) },
      },
      async handler(request) {
        const bytes = request.body instanceof Buffer ? request.body : Buffer.alloc(0);
        await events.take({
          headers: request.headers,
          path: request.raw.url ?? "",
          body: bytes.toString("utf8"),
        });
        return { message: "OK" };
      },
    });
  });
}
