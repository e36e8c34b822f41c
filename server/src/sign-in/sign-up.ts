import { email as emailField } from "../accounts/email.ts";
import { username as usernameField } from "../accounts/username.ts";
import type { Users } from "../accounts/users.ts";
import type { Verifications } from "../codes/verification.ts";
import type { Asker } from "../devices/asker.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError, type FieldProblem, invalidFields } from "../errors/errors.ts";
import { passwordProblem } from "../passwords/password-policy.ts";
import type { Passwords } from "../passwords/passwords.ts";
import type { Proved } from "./complete.ts";

/**
 * Sign-up with a code sent to the address. Promises: the account, its names and the use of the code are
 * written together or not at all; two people never get one name or address, however they race; a code whose
 * sign-up failed stays usable. The password is hashed only after the code proved right, so that nobody
 * without a code can make the server hash.
 */
export interface SignUpInput {
  readonly username: string;
  readonly email: string;
  readonly password: string;
  /** The password once more. */
  readonly repeated: string;
  readonly email_code: string;
  readonly acceptsTerms: boolean;
}

export interface SignUpDeps {
  readonly db: Db;
  readonly users: Users;
  readonly passwords: Passwords;
  readonly verifications: Verifications;
}

export function createSignUp({ db, users, passwords, verifications }: SignUpDeps) {
  /** Problems beyond syntax of the fields that are there; asked for together with the syntax problems. */
  async function problemsOf(input: Partial<SignUpInput>): Promise<FieldProblem[]> {
    const problems: FieldProblem[] = [];
    const { username, email, password, acceptsTerms } = input;
    if (username !== undefined && (await users.isLoginNameTaken(usernameField.normalize(username)))) {
      problems.push({ field: "username", code: "username_taken" });
    }
    if (email !== undefined && (await users.isLoginNameTaken(email))) {
      problems.push({ field: "email", code: "email_taken" });
    }
    const weak = password === undefined ? null : passwordProblem(password, { username, email });
    if (weak) problems.push(weak);
    if (acceptsTerms === false) problems.push({ field: "allow", code: "terms_not_accepted" });
    return problems;
  }

  /**
   * Creates the account. Errors: `invalid_fields` (also when somebody else was faster), `passwords_differ`,
   * `code_expired`, `code_wrong`, `busy` when too many hashes are waiting.
   */
  async function signUp(input: SignUpInput, asker: Asker): Promise<Proved> {
    if (input.password !== input.repeated) throw new AppError("passwords_differ");
    const username = usernameField.normalize(input.username);
    const email = emailField.normalize(input.email);
    const proof = await verifications.check("register", email, input.email_code, asker);
    const holder = { client: asker.network, account: email };
    const passwordHash = await verifications.orGiveBack(proof, () => passwords.hash(input.password, holder));
    const account = await db.transaction(async (transaction) => {
      await verifications.consume(transaction, proof);
      const created = await users.add(transaction, {
        username,
        email,
        password_hash: passwordHash,
        email_verified: 1,
      });
      if (!("taken" in created)) return created;
      const field = created.taken === "username" ? "username" : "email";
      throw invalidFields({ field, code: `${field}_taken` });
    });
    await verifications.forget(proof);
    return { account, how: "sign_up" };
  }

  return { problemsOf, signUp };
}
