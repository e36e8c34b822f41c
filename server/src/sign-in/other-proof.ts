import type { Account } from "../accounts/account.ts";
import type { User } from "../accounts/record.ts";
import type { StaleNumbers } from "../accounts/stale-numbers.ts";
import type { Admission } from "../admission/admission.ts";
import type { Proof, Purpose, Verifications } from "../codes/verification.ts";
import type { Asker } from "../devices/asker.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError } from "../errors/errors.ts";
import Type from "../kernel/schema/schema.ts";
import type { Language } from "../words/language.ts";
import { factorCode, type ProveFactor } from "./factor-proof.ts";
import { type Contact, hasContact } from "./proved-contact.ts";

/**
 * The one more proof where a code to a stale number opens nothing by itself (accounts/stale-numbers.ts): the password, a code to
 * the account's confirmed address, or one of its second factor, in the same call. A passkey or third party logs in by itself,
 * and makes the browser one that needs no more. Promise: the refusal is the same for every account, whatever it has, so that
 * who has the number now learns nothing of it. Guard: stale-numbers.test.ts.
 */
export interface OtherProof {
  readonly password?: string | undefined;
  /** Of the authenticator app, or a recovery code. */
  readonly factorCode?: string | undefined;
  /** The account's address as its owner typed it, and the code that was mailed there. */
  readonly email?: { readonly contact: Contact; readonly code: string } | undefined;
}

/** Beside `email` and `email_code`, which every body with a number may have. */
export const otherProofFields = {
  current_password: Type.Optional(Type.String({ trim: false, maxLength: 4096, allowBlank: true })),
  factor_code: Type.Optional(Type.String({ ...factorCode, minLength: 0, allowBlank: true })),
};

/** As a form sends them: an empty field is none. */
export function otherProofIn(
  fields: { readonly current_password?: unknown; readonly factor_code?: unknown },
  email: OtherProof["email"],
): OtherProof {
  const textOf = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
  return { password: textOf(fields.current_password), factorCode: textOf(fields.factor_code), email };
}

/** That whoever proved a stale number wants an account of their own. */
export const newAccountField = { new_account: Type.Optional(Type.Boolean()) };

export interface OtherProofDeps {
  readonly account: Pick<Account, "provePassword">;
  readonly verifications: Verifications;
  readonly staleNumbers: StaleNumbers;
  readonly admission: Pick<Admission, "isOpenBy">;
}

/** What came of it: whether the number counts as used by its owner, and what is used up together with the code. */
export interface Shown {
  readonly isOwner: boolean;
  readonly use: (transaction: Db) => Promise<void>;
}

export interface Showing {
  readonly contact: Contact;
  readonly given: OtherProof;
  readonly purpose: Extract<Purpose, "signIn" | "resetpwd">;
  /** Whether a second factor is asked for behind this, whatever is shown here. */
  readonly factorFollows: boolean;
  readonly language: Language;
}

export type ShowOther = ReturnType<typeof createShowOther>;

const nothing = async () => {};

export function createShowOther(deps: OtherProofDeps & { readonly proveFactor: ProveFactor }) {
  const { account, verifications, staleNumbers } = deps;

  async function byEmail(user: User, { given, purpose }: Showing, asker: Asker): Promise<Proof | null> {
    if (given.email === undefined) return null;
    const { contact, code } = given.email;
    const proof = await verifications.check(purpose, contact.to, code, asker);
    // As one that was never sent: whose address it is, nobody is told.
    if (user.email_verified === 0 || !hasContact(user, contact)) throw new AppError("code_expired");
    return proof;
  }

  /**
   * Errors: `number_stale` where there is nothing of it, `invalid_fields` (current_password), `second_factor_wrong`, `code_wrong`,
   * `code_expired`, `throttled`, `busy`.
   */
  return async (user: User, showing: Showing, asker: Asker): Promise<Shown> => {
    const { contact, given, factorFollows, language } = showing;
    if (contact.kind === "email" || !(await staleNumbers.isStaleTo(user, asker))) {
      return { isOwner: true, use: nothing };
    }
    const mailed = await byEmail(user, showing, asker);
    if (mailed !== null) {
      return { isOwner: true, use: (transaction) => verifications.consume(transaction, mailed) };
    }
    const { password, factorCode: code } = given;
    if (code !== undefined && user.second_factor_at !== null) {
      await deps.proveFactor(user, { code }, asker, language);
      return { isOwner: true, use: nothing };
    }
    if (password !== undefined && (await account.provePassword(user.id, password, asker))) {
      return { isOwner: true, use: nothing };
    }
    // It is the proof; until it was given the number is as stale as before.
    if (factorFollows && user.second_factor_at !== null) return { isOwner: false, use: nothing };
    throw staleNumber(deps.admission);
  };
}

/** `new_account`: whether the site lets people sign up by a number. */
export function staleNumber(admission: Pick<Admission, "isOpenBy">): AppError {
  const answer = { code: "number_stale", new_account: admission.isOpenBy("mobile") };
  return new AppError("number_stale", { answer });
}
