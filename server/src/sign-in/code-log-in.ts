import type { User } from "../accounts/record.ts";
import type { Users } from "../accounts/users.ts";
import type { Verifications } from "../codes/verification.ts";
import type { Asker } from "../devices/asker.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError } from "../errors/errors.ts";
import type { CodeApplicant, CodeSignUp } from "./code-sign-up.ts";
import { type CodeWay, expectCodeWay } from "./code-ways.ts";
import type { Proved } from "./proved.ts";
import type { Refusals } from "./refusals.ts";

/**
 * Log-in by a code in place of a password. Promises: only an address that its account confirmed opens the account; a code
 * is used once, by the one statement that decides (guard: code-log-in.race.test.ts); who holds a code of an address without
 * an account may make one (code-sign-up.ts). Only who has the code learns which of the two it is (attack: learning who has
 * an account; guard: code-log-in.test.ts).
 */
export interface CodeLogInDeps {
  readonly db: Db;
  readonly users: Users;
  readonly verifications: Verifications;
  readonly refusals: Refusals;
  /** By what a code may log in; none by default. */
  readonly codeSignIn: readonly CodeWay[];
}

export interface CodeLogInInput extends Omit<CodeApplicant, "address"> {
  /** The address. */
  readonly to: string;
  readonly code: string;
}

export type CodeLogIn = ReturnType<typeof createCodeLogIn>;

export function createCodeLogIn(deps: CodeLogInDeps & { readonly codeSignUp: CodeSignUp }) {
  const { db, users, verifications, codeSignUp, refusals } = deps;

  /** The account as it is when the code is used up: an address given up meanwhile opens nothing. */
  async function opened(owner: User, to: string, use: (transaction: Db) => Promise<void>): Promise<User> {
    return db.transaction(async (transaction) => {
      const account = await users.lock(transaction, owner.id);
      if (account === null || !mayEnter(account, (await users.byEmail(to, transaction))?.id)) {
        throw new AppError("code_expired");
      }
      if (account.is_active === 0) throw new AppError("account_unavailable");
      await use(transaction);
      return account;
    });
  }

  return {
    /**
     * Whose account the code opens, or has made. Errors: `code_sign_in_off`, `code_expired`, `code_wrong`, `throttled`,
     * `account_unavailable`, and those of a sign-up (code-sign-up.ts).
     */
    async prove({ to, code, ...applicant }: CodeLogInInput, asker: Asker): Promise<Proved> {
      expectCodeWay(deps.codeSignIn, "email");
      const proof = await verifications.check("signIn", to, code, asker);
      const owner = await users.byEmail(to);
      if (owner === null) return codeSignUp.make(proof, { ...applicant, address: to });
      if (owner.is_active === 0) refusals.note(owner.id, "disabled", asker.network);
      const account = await opened(owner, to, (transaction) => verifications.consume(transaction, proof));
      await verifications.forget(proof);
      return { account, how: "code" };
    },
  };
}

function mayEnter(account: User, holder: number | undefined): boolean {
  return account.id === holder && account.email_verified === 1;
}
