import { isSameName } from "./account-field.ts";
import type { Changes } from "./change.ts";
import { isMobileProved } from "./mobile.ts";
import type { User } from "./record.ts";
import { fullName } from "./users.ts";

/**
 * What becomes of two records where one account goes into another. Promises: nothing that the kept account has is replaced, but a user
 * name that nobody chose; of the other's names only those move that were proved, a number and an address (attack: an address that
 * somebody typed into an account of theirs, and that becomes a way to reset the kept one's password; guard: joining.test.ts).
 */
export type JoinedField = "username" | "email" | "mobile" | "nickname" | "name";

export interface JoinedValue {
  readonly what: JoinedField;
  /** `stays`: the kept account's own; `lost`: the other's, which goes with it. */
  readonly becomes: "moves" | "stays" | "lost";
  readonly value: string;
}

/** What is written into the kept account, and how it is told. */
export interface RecordPlan {
  readonly changes: Changes;
  readonly values: readonly JoinedValue[];
}

export function planRecord(kept: User, joined: User): RecordPlan {
  const changes = {
    ...usernameOf(kept, joined),
    ...emailOf(kept, joined),
    ...mobileOf(kept, joined),
    ...(kept.nickname === null && joined.nickname !== null ? { nickname: joined.nickname } : {}),
    ...(fullName(kept) === "" && fullName(joined) !== ""
      ? { first_name: joined.first_name, last_name: joined.last_name }
      : {}),
  } satisfies Changes;
  const shown = (user: User): Record<JoinedField, string | null> => ({
    ...{ username: user.username, email: user.email, mobile: user.mobile, nickname: user.nickname },
    name: fullName(user) || null,
  });
  const [own, others] = [shown(kept), shown(joined)];
  const written = new Set<string>(Object.keys(changes));
  const moves = (what: JoinedField) => written.has(what === "name" ? "first_name" : what);
  const values = (Object.keys(own) as JoinedField[]).flatMap((what): JoinedValue[] => {
    const stays = own[what] === null || moves(what) ? [] : [{ what, becomes: "stays", value: own[what] }];
    const other = others[what];
    if (other === null) return stays as JoinedValue[];
    const becomes = moves(what) ? "moves" : "lost";
    return [...stays, { what, becomes, value: other }] as JoinedValue[];
  });
  return { changes, values };
}

/** One that was made for the kept account gives way to one that was chosen for the other. */
function usernameOf(kept: User, joined: User): Changes {
  const isChosen = joined.username_due !== 1 && ![joined.email, joined.mobile].includes(joined.username);
  return kept.username_due === 1 && isChosen ? { username: joined.username, username_due: 0 } : {};
}

function emailOf(kept: User, joined: User): Changes {
  if (joined.email === null || joined.email_verified !== 1) return {};
  const isFree = kept.email === null || (kept.email_verified === 0 && isSameName(kept.email, joined.email));
  return isFree ? { email: joined.email, email_verified: 1 } : {};
}

function mobileOf(kept: User, joined: User): Changes {
  if (joined.mobile === null || !isMobileProved(joined)) return {};
  const isFree = kept.mobile === null || (kept.mobile === joined.mobile && !isMobileProved(kept));
  if (!isFree) return {};
  return {
    ...{ mobile: joined.mobile, proved_mobile: joined.proved_mobile },
    mobile_proved_at: joined.mobile_proved_at,
  };
}
