import type { Static } from "typebox";
import { attemptsWithin } from "../engines/jobs/job-definitions.ts";
import { defineJob, type JobDefinition } from "../engines/jobs/jobs.ts";
import type { Mailer } from "../engines/mail/mail.ts";
import { renderMail } from "../engines/mail/templates/render-mail.ts";
import Type from "../kernel/schema/schema.ts";
import type { CodeOf } from "./code.ts";
import type { Purpose } from "./verification.ts";

const Payload = Type.Object({
  codeId: Type.String(),
  email: Type.String(),
  purpose: Type.Enum(["register", "resetpwd", "bindAccount", "changeEmail"]),
  language: Type.Enum(["zh", "en"]),
  /** What is left of the code's life; absent in jobs of earlier versions. */
  lifeSeconds: Type.Optional(Type.Integer()),
});

export const verificationMailJob = defineJob("verification-mail", Payload);

/** A mail server that is back is noticed within half a minute: the person waits for the code. */
const backoff = { backoffSeconds: 2, backoffLimitSeconds: 30 };

export interface VerificationMailDeps {
  readonly codeOf: CodeOf;
  readonly mailer: Mailer;
  readonly siteUrl: string;
  readonly codeLifeSeconds: number;
  /** Whether the address belongs to an account; asked here, in the worker, so that no answer's time tells. */
  readonly addressHasAccount: (email: string) => Promise<boolean>;
}

/**
 * Mails a code. An address whose purpose makes no sense gets a mail that says so instead of a code: a
 * register code for an address with an account, a reset code for one without (attack: learning who has an
 * account; the person who asks sees the same answer either way).
 */
export function verificationMail(deps: VerificationMailDeps): JobDefinition<typeof Payload> {
  return {
    ...verificationMailJob,
    // As long as the code lives, however long that is: the deadline it is enqueued with makes it a dead letter.
    attempts: attemptsWithin(deps.codeLifeSeconds, backoff),
    ...backoff,
    async handler(payload, run) {
      const purpose = payload.purpose as Purpose;
      const mail = await mailFor(purpose, payload);
      await deps.mailer.send({ ...mail, to: payload.email, messageId: run.id }, run.signal);
    },
  };

  async function mailFor(purpose: Purpose, payload: Static<typeof Payload>) {
    const { codeId, email, language, lifeSeconds = deps.codeLifeSeconds } = payload;
    const { siteUrl } = deps;
    if (purpose === "register" && (await deps.addressHasAccount(email))) {
      return renderMail("account_exists", language, { siteUrl });
    }
    if (purpose === "resetpwd" && !(await deps.addressHasAccount(email))) {
      return renderMail("no_account", language, { siteUrl });
    }
    const code = deps.codeOf(codeId, purpose, email);
    return renderMail(purpose, language, { code, expiresInSeconds: lifeSeconds });
  }
}
