import type { Static } from "typebox";
import { attemptsWithin } from "../engines/jobs/job-definitions.ts";
import { defineJob, type JobDefinition } from "../engines/jobs/jobs.ts";
import type { Mailer } from "../engines/mail/mail.ts";
import type { SignInRefusal } from "../engines/mail/templates/mail-values.ts";
import type { RenderMail } from "../engines/mail/templates/render-mail.ts";
import Type from "../kernel/schema/schema.ts";
import { type StepUpAction, stepUpActions } from "../kernel/step-up-actions.ts";
import type { CodeOf } from "./code.ts";
import type { AskedPurpose, Purpose } from "./verification.ts";

const askedPurposes = ["register", "resetpwd", "bindAccount", "changeEmail", "signIn"] as const;
const purposes = [...askedPurposes, ...stepUpActions.map((action) => `stepUp-${action}` as const)];

/** What codes by e-mail are for. */
export type EmailPurpose = Exclude<Purpose, "changeMobile">;

const Payload = Type.Object({
  codeId: Type.String(),
  email: Type.String(),
  purpose: Type.Enum(purposes),
  language: Type.String(),
  /** What is left of the code's life; absent in jobs of earlier versions. */
  lifeSeconds: Type.Optional(Type.Integer()),
  askedBy: Type.Optional(Type.Integer()),
});

export const verificationMailJob = defineJob("verification-mail", Payload, ({ purpose, email, askedBy }) => ({
  kind: actionOf(purpose) === null ? purpose : "stepUp",
  to: email,
  askedBy,
}));

/** A mail server that is back is noticed within half a minute: the person waits for the code. */
const backoff = { backoffSeconds: 2, backoffLimitSeconds: 30 };

export interface VerificationMailDeps {
  readonly codeOf: CodeOf;
  readonly mailer: Mailer;
  readonly renderMail: RenderMail;
  readonly siteUrl: string;
  readonly codeLifeSeconds: number;
  /** Whether everybody may sign up. */
  readonly mayRegister: boolean;
  /** Whether the address belongs to an account; asked here, in the worker, so that no answer's time tells. */
  readonly addressHasAccount: (email: string) => Promise<boolean>;
  /** Why a code would log nobody in at the address, and make no account; null where it may. Asked here as well. */
  readonly signInRefusal: (email: string) => Promise<SignInRefusal | null>;
}

/**
 * Mails a code. An address whose purpose makes no sense gets a mail that says so instead of a code: a
 * register code for an address with an account, a reset code for one without, a log-in code where it would open and make
 * none (attack: learning who has an account; the person who asks sees the same answer either way).
 */
export function verificationMail(deps: VerificationMailDeps): JobDefinition<typeof Payload> {
  return {
    ...verificationMailJob,
    // As long as the code lives, however long that is: the deadline it is enqueued with makes it a dead letter.
    attempts: attemptsWithin(deps.codeLifeSeconds, backoff),
    ...backoff,
    async handler(payload, run) {
      const purpose = payload.purpose as EmailPurpose;
      const mail = await mailFor(purpose, payload);
      const { email: to, askedBy } = payload;
      await deps.mailer.send({ ...mail, to, messageId: run.id, askedBy }, run.signal);
    },
  };

  async function mailFor(purpose: EmailPurpose, payload: Static<typeof Payload>) {
    const { codeId, email, language, lifeSeconds = deps.codeLifeSeconds } = payload;
    const { siteUrl, renderMail, mayRegister } = deps;
    if (purpose === "register" && (await deps.addressHasAccount(email))) {
      return { kind: "account_exists", ...renderMail("account_exists", language, { siteUrl }) };
    }
    if (purpose === "resetpwd" && !(await deps.addressHasAccount(email))) {
      return { kind: "no_account", ...renderMail("no_account", language, { siteUrl, mayRegister }) };
    }
    const reason = purpose === "signIn" ? await deps.signInRefusal(email) : null;
    if (reason !== null) {
      return { kind: "sign_in_refused", ...renderMail("sign_in_refused", language, { siteUrl, reason }) };
    }
    const code = deps.codeOf(codeId, purpose, email);
    const values = { code, expiresInSeconds: lifeSeconds };
    const action = actionOf(purpose);
    if (action !== null)
      return { kind: "stepUp", code, ...renderMail("stepUp", language, { ...values, action }) };
    return { kind: purpose, code, ...renderMail(purpose as AskedPurpose, language, values) };
  }
}

/** What the owner is asked to prove themselves for; null for other purposes. */
function actionOf(purpose: string): StepUpAction | null {
  return stepUpActions.find((action) => purpose === `stepUp-${action}`) ?? null;
}
