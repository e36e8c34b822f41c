import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import type { SmsEvents } from "./sms-events.ts";

/** What every vendor takes for "taken": Aliyun reads `code`, Tencent `result`, Yunpian the one word, the others the status. */
const taken = { message: "OK", code: 0, msg: "OK", result: 0, errmsg: "OK" };

const Taken = Type.Object({
  message: Type.String(),
  code: Type.Integer(),
  msg: Type.String(),
  result: Type.Integer(),
  errmsg: Type.String(),
});

/**
 * POST /sms/events/: what vendors of SMS report. Who sends it is known by its signature, over the body's very bytes; those that
 * sign nothing have a token in the address: POST /sms/events/<token>/.
 */
export function smsEventRoutes(api: Api, events: SmsEvents): void {
  api.register(async (raw) => {
    raw.removeAllContentTypeParsers();
    raw.addContentTypeParser("*", { parseAs: "buffer" }, (_request, bytes, done) => done(null, bytes));
    raw.route({
      method: "POST",
      url: "/sms/events/",
      config: { auth: "ignored" },
      schema: {
        summary: "What a vendor of SMS reports of one; signed, see docs/sms.md",
        tags: ["SMS vendors"],
        response: { 200: Taken },
      },
      async handler({ headers, body }) {
        await events.take({ headers, body: textOf(body), token: null });
        return taken;
      },
    });
    raw.route({
      method: "POST",
      url: "/sms/events/:token/",
      config: { auth: "ignored" },
      schema: {
        summary: "The same of a vendor that signs nothing: the address has a token, see docs/sms.md",
        tags: ["SMS vendors"],
        params: Type.Object({ token: Type.String() }),
        response: { 200: Taken },
      },
      async handler({ headers, body, params }, reply) {
        await events.take({ headers, body: textOf(body), token: (params as { token: string }).token });
        if (!events.wantsWord) return taken;
        return reply
          .type("text/plain; charset=utf-8")
          .serializer(() => "SUCCESS")
          .send(taken);
      },
    });
  });
}

const textOf = (body: unknown): string => (body instanceof Buffer ? body.toString("utf8") : "");
