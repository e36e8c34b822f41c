import type { Audit } from "../audit/audit.ts";
import type { Db } from "../engines/database/database.ts";
import type { Administrator } from "./administrator.ts";

/** A mail or an SMS that staff send to try: in the audit log before it goes, so that nobody sends one unseen. */
export const recordTrial = (
  { db, audit }: { readonly db: Db; readonly audit: Audit },
  actor: Administrator,
  { action, template, to }: { action: "system.mail-test" | "system.sms-test"; template: string; to: string },
): Promise<void> =>
  db.transaction((transaction) =>
    audit.record(transaction, actor, {
      ...{ action, targetKind: "system", targetId: 0, target: template },
      // Written as "(given)": audit/without-typed.ts.
      ...{ before: {}, after: { to } },
    }),
  );
