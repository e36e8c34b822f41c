import type { Users } from "../accounts/users.ts";
import type { Audit } from "../audit/audit.ts";
import type { Verifications } from "../codes/verification.ts";
import type { Asker } from "../devices/asker.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { Language } from "../words/language.ts";
import type { Administrator, Limits } from "./administrator.ts";

export interface PasswordResetDeps {
  readonly db: Db;
  readonly audit: Audit;
  readonly users: Pick<Users, "byId" | "byEmail">;
  readonly limits: Limits;
  readonly verifications: Pick<Verifications, "request">;
}

/** What is mailed to an owner who forgot their password, by who administers the account; they neither see nor choose the code. */
export function createPasswordReset({ db, audit, users, limits, verifications }: PasswordResetDeps) {
  /**
   * Mails the owner a code with which they set a new password. Errors: `not_found`, `forbidden`,
   * `invalid_fields` for an account without a usable address, and those of a code request.
   */
  return async (
    actor: Administrator,
    id: number,
    request: { readonly language: Language; readonly asker: Asker },
  ): Promise<void> => {
    const user = await users.byId(id);
    if (user === null) throw new AppError("not_found");
    await limits.mayTouch(actor, user);
    // A shared address is nobody's until it is confirmed: its code would open whichever account claims it.
    const owner = user.email === null ? null : await users.byEmail(user.email);
    if (user.email === null || owner?.id !== id) {
      throw invalidFields({ field: "email", code: "no_usable_email" });
    }
    const mail = { to: user.email, purpose: "resetpwd", isForOwner: true, account: id } as const;
    await verifications.request({ ...request, ...mail });
    await audit.record(db, actor, {
      ...{ action: "user.password-reset", targetKind: "user", targetId: id, target: user.username },
      before: {},
      after: { mail: "sent" },
    });
  };
}
