import type { Consents } from "../accounts/consents.ts";
import { takeClaimedNumber } from "../accounts/proved-number.ts";
import type { StaleHolder } from "../accounts/stale-numbers.ts";
import type { Users } from "../accounts/users.ts";
import type { Admission } from "../admission/admission.ts";
import type { SignUpChoices } from "../admission/sign-up-choices.ts";
import type { Proof, Verifications } from "../codes/verification.ts";
import type { Db } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Passwords } from "../passwords/passwords.ts";
import type { Proved } from "./proved.ts";
import { accountOf, type Contact, codesOf } from "./proved-contact.ts";

/**
 * An account of a code alone, without a password. Promises: it is made only for who agrees to the terms, and by every rule
 * of a sign-up (admission.ts); the account, its names and the use of the code are written together or not at all, so one
 * address or number never has two (guard: code-log-in.race.test.ts); a code that made none stays usable, so that the same one may
 * come again with what was missing.
 */
export interface CodeApplicant {
  readonly contact: Contact;
  readonly acceptsTerms: boolean;
  /** Absent where the person chose none. */
  readonly username?: string | undefined;
  /** What the link of an invitation holds. */
  readonly invitation?: string | undefined;
  /** Of SIGN_UP_FIELDS, as they were sent. */
  readonly fields?: unknown;
  readonly choices: SignUpChoices;
}

export interface CodeSignUpDeps {
  readonly db: Db;
  readonly users: Users;
  readonly admission: Admission;
  readonly consents: Consents;
  readonly passwords: Passwords;
  readonly verifications: Verifications;
  readonly smsCodes: Verifications | null;
  readonly jobs: Jobs;
  readonly clock: Clock;
  /** Whether somebody may sign up without choosing a user name, and is asked for one later. */
  readonly usernameOptional: boolean;
  readonly usernameAskedLater: boolean;
}

export type CodeSignUp = ReturnType<typeof createCodeSignUp>;

export function createCodeSignUp(deps: CodeSignUpDeps) {
  const { db, users, admission, consents, passwords, jobs, clock } = deps;

  async function admit(given: CodeApplicant) {
    const { contact, acceptsTerms, username, invitation, fields, choices } = given;
    admission.expectOpen(contact.kind);
    if (!acceptsTerms) throw new AppError("sign_up_needed", { answer: { code: "sign_up_needed" } });
    if (username === undefined && !deps.usernameOptional) {
      throw invalidFields({ field: "username", code: "required" });
    }
    const email = contact.kind === "email" ? contact.to : null;
    const applicant = { email, invitation, fields, choices };
    const admitted = await admission.check(applicant);
    await admission.ask(applicant, admitted, { username });
    return admitted;
  }

  return {
    /**
     * Makes the account of whoever proved the contact. Errors: `sign_up_closed`, `sign_up_needed` without the terms,
     * `sign_up_by_invitation`, `invalid_fields` (also where somebody else was faster), `hook_refused`, `code_expired`. `loser`:
     * the account that loses the number.
     */
    async make(proof: Proof, applicant: CodeApplicant, loser: StaleHolder | null): Promise<Proved> {
      const { contact, username } = applicant;
      const codes = codesOf(deps, contact);
      const admitted = await codes.orGiveBack(proof, () => admit(applicant));
      const add = (name: string) =>
        db.transaction(async (transaction) => {
          await codes.consume(transaction, proof);
          const now = clock.now();
          if (contact.kind === "mobile") {
            await takeClaimedNumber(transaction, contact.to, { userId: null, users, jobs, now, loser });
          }
          const user = {
            ...{ username: name, ...accountOf(contact, now), password_hash: passwords.unusable() },
            username_due: username === undefined && deps.usernameAskedLater ? (1 as const) : (0 as const),
          };
          const created = await admission.add(transaction, admitted, user, "person");
          await consents.recordAll(transaction, created, "user.consent-at-sign-up");
          return created;
        });
      const account = await (username === undefined
        ? users.withMadeUsername(contact.kind === "email" ? contact.to : null, add)
        : add(username));
      await codes.forget(proof);
      return { account, how: "sign_up" };
    },
  };
}
