import { email } from "../accounts/email.ts";
import type { LinkedEmail } from "../accounts/linked-email.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import { createRateLimit } from "../engines/kv/rate-limit.ts";
import { AppError } from "../errors/errors.ts";
import { userOf } from "../http/authentication.ts";
import type { Api } from "../http/server.ts";
import type { Clock } from "../kernel/clock.ts";
import { readableEmail } from "../kernel/email-address.ts";
import { deriveKey, subjectOf } from "../kernel/keys.ts";
import { limitRule, limits } from "../kernel/limits.ts";
import { nameKey } from "../kernel/name-key.ts";
import Type from "../kernel/schema/schema.ts";
import { type EmailLinks, emailLinkMillis } from "./email-link.ts";
import { emailLinkJob } from "./email-link-job.ts";

/** Mails of one account, and to one address, in an hour. */
const { most: mailsPerHour } = limits["email-links"];
const tags = ["classic"];
const TokenField = Type.Object({
  token: Type.Optional(Type.String({ maxLength: 2048, allowBlank: true, check: () => null })),
});

export interface EmailRoutesDeps {
  readonly kv: KeyValue;
  readonly clock: Clock;
  readonly jobs: Jobs;
  readonly linkedEmail: LinkedEmail;
  readonly links: EmailLinks;
  readonly secretKey: string;
}

/**
 * PUT /email/ and the link that confirms it. The pages send no password with it, so a log-in or proof of the last minutes is
 * asked for (`stepUp`): a token that was left open or stolen gives the account no address.
 */
export function emailRoutes(api: Api, deps: EmailRoutesDeps): void {
  const { clock, jobs, linkedEmail, links } = deps;
  const limit = createRateLimit(deps.kv);
  const subjectKey = deriveKey(deps.secretKey, "address link limit");
  const rule = limitRule("email-links", mailsPerHour);

  for (const url of ["/email/", "/emails/"]) {
    api.route({
      method: "PUT",
      url,
      config: { auth: "required", stepUp: "email" },
      schema: {
        summary: "Give the account an address, which a link sent to it confirms",
        tags,
        hide: url === "/emails/",
        body: Type.Object({ email: Type.String(email.person()) }),
        response: { 200: Type.Object({ id: Type.Integer(), email: Type.String() }) },
      },
      async handler(request) {
        const { id } = userOf(request);
        const pending = await linkedEmail.note(id, request.body.email);
        if (pending !== null) {
          await limit.count(rule, subjectOf(subjectKey, `account ${id}`));
          await limit.count(rule, subjectOf(subjectKey, nameKey(pending.email)));
          const expiresAt = clock.now() + emailLinkMillis;
          const { language } = request;
          await jobs.enqueue(emailLinkJob, { ...pending, expiresAt, language }, { deadlineAt: expiresAt });
        }
        return { id, email: readableEmail(email.normalize(request.body.email)) };
      },
    });
  }

  for (const method of ["GET", "PUT", "POST"] as const) {
    api.route({
      method,
      url: "/emails/verification/",
      exposeHeadRoute: false,
      config: { auth: "ignored" },
      schema: {
        summary: "Confirm an address by the token of the link",
        tags,
        hide: method !== "GET",
        querystring: TokenField,
        ...(method === "GET" ? {} : { body: TokenField }),
        response: { 200: Type.Object({ message: Type.String() }) },
      },
      async handler(request) {
        const body = request.body as { token?: string } | undefined;
        const token = request.query.token || body?.token;
        if (!token) throw new AppError("email_token_missing");
        const pending = links.read(token, clock.now());
        if (pending === null) throw new AppError("email_token_invalid");
        await linkedEmail.confirm(pending, { language: request.language });
        return { message: "OK" };
      },
    });
  }
}
