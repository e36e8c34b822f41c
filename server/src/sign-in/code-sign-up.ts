import type { Consents } from "../accounts/consents.ts";
import type { Users } from "../accounts/users.ts";
import type { Admission } from "../admission/admission.ts";
import type { Proof, Verifications } from "../codes/verification.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { Passwords } from "../passwords/passwords.ts";
import type { Proved } from "./proved.ts";

/**
 * An account of a code alone, without a password. Promises: it is made only for who agrees to the terms, and by every rule
 * of a sign-up (admission.ts); the account, its names and the use of the code are written together or not at all, so one
 * address never has two (guard: code-log-in.race.test.ts); a code that made none stays usable, so that the same one may
 * come again with what was missing.
 */
export interface CodeApplicant {
  /** As accounts/email.ts stores it. */
  readonly address: string;
  readonly acceptsTerms: boolean;
  /** Absent where the person chose none. */
  readonly username?: string | undefined;
  /** What the link of an invitation holds. */
  readonly invitation?: string | undefined;
  /** Of SIGN_UP_FIELDS, as they were sent. */
  readonly fields?: unknown;
}

export interface CodeSignUpDeps {
  readonly db: Db;
  readonly users: Users;
  readonly admission: Admission;
  readonly consents: Consents;
  readonly passwords: Passwords;
  readonly verifications: Verifications;
  /** Whether somebody may sign up without choosing a user name, and is asked for one later. */
  readonly usernameOptional: boolean;
  readonly usernameAskedLater: boolean;
}

export type CodeSignUp = ReturnType<typeof createCodeSignUp>;

export function createCodeSignUp(deps: CodeSignUpDeps) {
  const { db, users, admission, consents, passwords, verifications } = deps;

  async function admit({ address: email, acceptsTerms, username, invitation, fields }: CodeApplicant) {
    admission.expectOpen();
    if (!acceptsTerms) throw new AppError("sign_up_needed", { answer: { code: "sign_up_needed" } });
    if (username === undefined && !deps.usernameOptional) {
      throw invalidFields({ field: "username", code: "required" });
    }
    const applicant = { email, invitation, fields };
    const admitted = await admission.check(applicant);
    await admission.ask(applicant, admitted, { username });
    return admitted;
  }

  return {
    /**
     * Makes the account of whoever proved the address. Errors: `sign_up_closed`, `sign_up_needed` without the terms,
     * `sign_up_by_invitation`, `invalid_fields` (also where somebody else was faster), `hook_refused`, `code_expired`.
     */
    async make(proof: Proof, applicant: CodeApplicant): Promise<Proved> {
      const admitted = await verifications.orGiveBack(proof, () => admit(applicant));
      const { address: email, username } = applicant;
      const add = (name: string) =>
        db.transaction(async (transaction) => {
          await verifications.consume(transaction, proof);
          const user = {
            ...{ username: name, email, email_verified: 1 as const, password_hash: passwords.unusable() },
            username_due: username === undefined && deps.usernameAskedLater ? (1 as const) : (0 as const),
          };
          const created = await admission.add(transaction, admitted, user, "person");
          await consents.recordAll(transaction, created.id);
          return created;
        });
      const account = await (username === undefined ? users.withMadeUsername(email, add) : add(username));
      await verifications.forget(proof);
      return { account, how: "sign_up" };
    },
  };
}
