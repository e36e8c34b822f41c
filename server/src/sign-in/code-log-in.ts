import type { User } from "../accounts/record.ts";
import { holderOf, type StaleNumbers } from "../accounts/stale-numbers.ts";
import type { Asker } from "../devices/asker.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError } from "../errors/errors.ts";
import type { Language } from "../words/language.ts";
import type { CodeApplicant, CodeSignUp } from "./code-sign-up.ts";
import { type CodeWay, expectCodeWay } from "./code-ways.ts";
import type { OtherProof, Shown, ShowOther } from "./other-proof.ts";
import type { Proved } from "./proved.ts";
import { type Contact, type ContactDeps, codesOf, expiredOf, hasContact, ownerOf } from "./proved-contact.ts";
import type { Refusals } from "./refusals.ts";

/**
 * Log-in by a code in place of a password. Promises: only an address that its account confirmed, or a number that it
 * proved, opens the account; a code is used once, by the one statement that decides (guard: code-log-in.race.test.ts); who
 * holds a code of one without an account may make one (code-sign-up.ts). Only who has the code learns which of the two it
 * is (attack: learning who has an account; guards: code-log-in.test.ts, mobile-sign-in.test.ts).
 */
export interface CodeLogInDeps extends ContactDeps {
  readonly db: Db;
  readonly refusals: Refusals;
  readonly staleNumbers: StaleNumbers;
  /** By what a code may log in; none by default. */
  readonly codeSignIn: readonly CodeWay[];
}

export interface CodeLogInInput extends CodeApplicant {
  readonly code: string;
  /** Beside a stale number. */
  readonly other: OtherProof;
  /** Whether who proved a stale number wants another account than the one that has it. */
  readonly newAccount: boolean;
}

export type CodeLogIn = ReturnType<typeof createCodeLogIn>;

export interface CodeLogInParts {
  readonly codeSignUp: CodeSignUp;
  readonly showOther: ShowOther;
}

export function createCodeLogIn(deps: CodeLogInDeps & CodeLogInParts) {
  const { db, users, codeSignUp, showOther, staleNumbers, refusals } = deps;

  /** The account as it is when the code is used up: an address given up meanwhile opens nothing. */
  async function opened({ id }: User, contact: Contact, { use, isOwner }: Shown): Promise<User> {
    return db.transaction(async (transaction) => {
      const account = await users.lock(transaction, id);
      if (account === null || !mayEnter(account, contact)) throw new AppError(expiredOf(contact));
      if (account.is_active === 0) throw new AppError("account_unavailable");
      await use(transaction);
      if (contact.kind === "mobile" && isOwner) await users.recordNumberProved(transaction, account.id);
      return account;
    });
  }

  return {
    /**
     * Whose account the code opens, or has made. Errors: `code_sign_in_off`, `sms_off`, the channel's of a wrong and an
     * expired code, `throttled`, `account_unavailable`, those of other-proof.ts, and those of a sign-up (code-sign-up.ts).
     */
    async prove(
      { code, other, newAccount, ...applicant }: CodeLogInInput,
      asker: Asker,
      language: Language,
    ): Promise<Proved> {
      const { contact } = applicant;
      expectCodeWay(deps.codeSignIn, contact.kind === "email" ? "email" : "sms");
      const codes = codesOf(deps, contact);
      const proof = await codes.check("signIn", contact.to, code, asker);
      const owner = await ownerOf(users, contact);
      if (owner === null) return codeSignUp.make(proof, applicant, null);
      const isMobile = contact.kind === "mobile";
      if (newAccount && isMobile && (await staleNumbers.isStaleTo(owner, asker))) {
        return codeSignUp.make(proof, applicant, holderOf(owner));
      }
      if (owner.is_active === 0) refusals.note(owner.id, "disabled", asker.network);
      const showing = { contact, given: other, purpose: "signIn", factorFollows: true, language } as const;
      const shown = await codes.orGiveBack(proof, () => showOther(owner, showing, asker));
      const account = await opened(owner, contact, {
        ...shown,
        async use(transaction) {
          await codes.consume(transaction, proof);
          await shown.use(transaction);
        },
      });
      await codes.forget(proof);
      return { account, how: "code" };
    },
  };
}

function mayEnter(account: User, contact: Contact): boolean {
  return hasContact(account, contact) && (contact.kind === "mobile" || account.email_verified === 1);
}
