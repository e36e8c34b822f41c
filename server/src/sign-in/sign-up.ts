import type { Consents } from "../accounts/consents.ts";
import { email as emailField } from "../accounts/email.ts";
import type { Users } from "../accounts/users.ts";
import type { Admission } from "../admission/admission.ts";
import type { Verifications } from "../codes/verification.ts";
import type { Asker } from "../devices/asker.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError, type FieldProblem } from "../errors/errors.ts";
import type { NewPasswords } from "../passwords/new-passwords.ts";
import type { Proved } from "./proved.ts";

/**
 * Sign-up with a code sent to the address. Promises: the account, its names and the use of the code are
 * written together or not at all; two people never get one name or address, however they race; a code whose
 * sign-up failed stays usable. The password is hashed only after the code proved right, so that nobody
 * without a code can make the server hash.
 */
export interface SignUpInput {
  /** Absent where the site asks for none, and the person chose none: one is made from the address. */
  readonly username?: string;
  readonly email: string;
  readonly password: string;
  /** The password once more. */
  readonly repeated: string;
  readonly email_code: string;
  readonly acceptsTerms: boolean;
  /** What the link of an invitation holds. */
  readonly invitation?: string;
  /** Of SIGN_UP_FIELDS, as they were sent. */
  readonly fields?: unknown;
}

export interface SignUpDeps {
  readonly db: Db;
  readonly users: Users;
  readonly admission: Admission;
  readonly consents: Consents;
  readonly newPasswords: NewPasswords;
  readonly verifications: Verifications;
  /** Whether who chose no user name is asked for one after the first log-in. */
  readonly usernameAskedLater: boolean;
}

export function createSignUp(deps: SignUpDeps) {
  const { db, users, admission, consents, newPasswords, verifications } = deps;

  /**
   * Problems beyond syntax of the fields that are there; asked for together with the syntax problems. Error:
   * `sign_up_closed`.
   */
  async function problemsOf(input: Partial<SignUpInput>): Promise<FieldProblem[]> {
    admission.expectOpen();
    const problems: FieldProblem[] = [];
    const { username, email, password, acceptsTerms } = input;
    if (username !== undefined && (await users.isLoginNameTaken(username))) {
      problems.push({ field: "username", code: "username_taken" });
    }
    if (email !== undefined && (await users.isLoginNameTaken(email))) {
      problems.push({ field: "email", code: "email_taken" });
    }
    const address = email === undefined ? null : emailField.normalize(email);
    problems.push(...admission.problemsOf({ email: address, fields: input.fields }));
    const weak = password === undefined ? null : await newPasswords.problem(password, { username, email });
    if (weak) problems.push(weak);
    if (acceptsTerms === false) problems.push({ field: "allow", code: "terms_not_accepted" });
    return problems;
  }

  /**
   * Creates the account. Errors: `invalid_fields` (also when somebody else was faster), `sign_up_closed`,
   * `sign_up_by_invitation`, `passwords_differ`,
   * `code_expired`, `code_wrong`, `hook_refused`, `busy` when too many hashes are waiting.
   */
  async function signUp(input: SignUpInput, asker: Asker): Promise<Proved> {
    if (input.password !== input.repeated) throw new AppError("passwords_differ");
    const email = emailField.normalize(input.email);
    const applicant = { email, invitation: input.invitation, fields: input.fields };
    const admitted = await admission.check(applicant);
    const proof = await verifications.check("register", email, input.email_code, asker);
    const holder = { client: asker.network, account: email };
    const { username } = input;
    const username_due = username === undefined && deps.usernameAskedLater ? 1 : 0;
    const passwordHash = await verifications.orGiveBack(proof, async () => {
      await admission.ask(applicant, admitted, { username });
      return newPasswords.hash(input.password, holder);
    });
    const add = (username: string) =>
      db.transaction(async (transaction) => {
        await verifications.consume(transaction, proof);
        const user = {
          username,
          email,
          password_hash: passwordHash,
          email_verified: 1,
          username_due,
        } as const;
        const created = await admission.add(transaction, admitted, user, "person");
        await consents.recordAll(transaction, created.id);
        return created;
      });
    const account = await (username === undefined ? users.withMadeUsername(email, add) : add(username));
    await verifications.forget(proof);
    return { account, how: "sign_up" };
  }

  return { problemsOf, signUp };
}
