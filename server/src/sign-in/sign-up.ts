import type { Consents } from "../accounts/consents.ts";
import { takeClaimedNumber } from "../accounts/proved-number.ts";
import type { StaleNumbers } from "../accounts/stale-numbers.ts";
import type { Admission } from "../admission/admission.ts";
import type { SignUpChoices } from "../admission/sign-up-choices.ts";
import type { Asker } from "../devices/asker.ts";
import type { Db } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import { AppError, type FieldProblem } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import type { NewPasswords } from "../passwords/new-passwords.ts";
import { staleNumber } from "./other-proof.ts";
import type { Proved } from "./proved.ts";
import { accountOf, type Contact, type ContactDeps, codesOf } from "./proved-contact.ts";

/**
 * Sign-up with a code sent to the address, or to the number. Promises: the account, its names and the use of the code are
 * written together or not at all; two people never get one name, address or number, however they race; a code whose
 * sign-up failed stays usable. The password is hashed only after the code proved right, so that nobody
 * without a code can make the server hash.
 */
export interface SignUpInput {
  /** Absent where the site asks for none, and the person chose none: one is made. */
  readonly username?: string;
  readonly contact: Contact;
  readonly password: string;
  /** The password once more. */
  readonly repeated: string;
  readonly code: string;
  readonly acceptsTerms: boolean;
  /** What the link of an invitation holds. */
  readonly invitation?: string;
  /**
   * That whoever proved a stale number wants an account of their own. Not said: they are asked, but where the pages know no such
   * question (`tellsTakenNumbers`).
   */
  readonly newAccount?: boolean;
  /** Of SIGN_UP_FIELDS, as they were sent. */
  readonly fields?: unknown;
  readonly choices: SignUpChoices;
}

export interface SignUpDeps extends ContactDeps {
  readonly db: Db;
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly admission: Admission;
  readonly staleNumbers: StaleNumbers;
  readonly consents: Consents;
  readonly newPasswords: NewPasswords;
  /** Whether who chose no user name is asked for one after the first log-in. */
  readonly usernameAskedLater: boolean;
  /** Whether anybody may ask who has a number here, so that it is told before the code is looked at. */
  readonly tellsTakenNumbers: boolean;
}

export function createSignUp(deps: SignUpDeps) {
  const { db, users, admission, consents, newPasswords, jobs, clock, staleNumbers } = deps;

  /**
   * Problems beyond syntax of the fields that are there; asked for together with the syntax problems. Whether a number has
   * an account is told to who proves it alone. Error: `sign_up_closed`.
   */
  async function problemsOf(kind: Contact["kind"], input: Partial<SignUpInput>): Promise<FieldProblem[]> {
    admission.expectOpen(kind);
    const problems: FieldProblem[] = [];
    const { username, contact, password, acceptsTerms } = input;
    const email = contact?.kind === "email" ? contact.to : undefined;
    if (username !== undefined && (await users.isLoginNameTaken(username))) {
      problems.push({ field: "username", code: "username_taken" });
    }
    if (email !== undefined && (await users.isLoginNameTaken(email))) {
      problems.push({ field: "email", code: "email_taken" });
    }
    if (deps.tellsTakenNumbers && contact?.kind === "mobile" && input.newAccount !== true) {
      const holder = await users.byProvedMobile(contact.to);
      if (holder !== null && !staleNumbers.isOld(holder))
        problems.push({ field: "mobile", code: "mobile_taken" });
    }
    const { fields, choices } = input;
    problems.push(...admission.problemsOf({ email: email ?? null, fields, choices }));
    const weak = password === undefined ? null : await newPasswords.problem(password, { username, email });
    if (weak) problems.push(weak);
    if (acceptsTerms === false) problems.push({ field: "allow", code: "terms_not_accepted" });
    return problems;
  }

  /**
   * Creates the account. Errors: `invalid_fields` (also when somebody else was faster), `sign_up_closed`,
   * `sign_up_by_invitation`, `passwords_differ`,
   * `number_stale` where an account has the number that may not be its owner's any more, and `newAccount` doesn't say that
   * this is to be another one; `sms_off`, the channel's of a wrong and an expired code, `hook_refused`, `busy` when too many hashes are waiting.
   */
  async function signUp(input: SignUpInput, asker: Asker): Promise<Proved> {
    if (input.password !== input.repeated) throw new AppError("passwords_differ");
    const { contact } = input;
    const email = contact.kind === "email" ? contact.to : null;
    const codes = codesOf(deps, contact);
    const applicant = {
      ...{ email, invitation: input.invitation, fields: input.fields, choices: input.choices },
    };
    const admitted = await admission.check(applicant);
    const proof = await codes.check("register", contact.to, input.code, asker);
    const loser = contact.kind === "mobile" ? await staleNumbers.loserOf(contact.to, asker) : null;
    const holder = { client: asker.network, account: contact.to };
    const { username } = input;
    const username_due = username === undefined && deps.usernameAskedLater ? 1 : 0;
    const passwordHash = await codes.orGiveBack(proof, async () => {
      const wantsOwn = input.newAccount ?? deps.tellsTakenNumbers;
      if (loser !== null && !wantsOwn) throw staleNumber(admission);
      await admission.ask(applicant, admitted, { username });
      return newPasswords.hash(input.password, holder);
    });
    const add = (username: string) =>
      db.transaction(async (transaction) => {
        await codes.consume(transaction, proof);
        const now = clock.now();
        if (contact.kind === "mobile") {
          await takeClaimedNumber(transaction, contact.to, { userId: null, users, jobs, now, loser });
        }
        const user = {
          username,
          ...accountOf(contact, now),
          password_hash: passwordHash,
          username_due,
        } as const;
        const created = await admission.add(transaction, admitted, user, "person");
        await consents.recordAll(transaction, created, "user.consent-at-sign-up");
        return created;
      });
    const account = await (username === undefined ? users.withMadeUsername(email, add) : add(username));
    await codes.forget(proof);
    return { account, how: "sign_up" };
  }

  return { problemsOf, signUp };
}
