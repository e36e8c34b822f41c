import type { Actor } from "../audit/audit.ts";
import { AppError } from "../errors/errors.ts";
import type { DeletedList } from "../rights/deleted-list.ts";
import { wasThere } from "../rights/erase-again.ts";
import type { Joins, JoinsDeps } from "./joins.ts";

/**
 * After a restore: joins again what became one since the backup, as the list outside the database says, so that what had moved is where
 * its owner left it and not erased with the account that went. Promises: nobody's data are erased because a join can't be done again;
 * no mail goes out a second time; doing it twice does it once (guard: contract/joined-accounts.test.ts).
 */
export interface JoinedAgain {
  readonly joined: number;
  /** Accounts that should have gone into another one, which is not there, or is not as it was: they stay as the backup has them. */
  readonly left: readonly number[];
}

export async function joinAgain(
  {
    db,
    joins,
    users,
  }: Pick<JoinsDeps, "db"> & { readonly joins: Joins; readonly users: Pick<JoinsDeps["users"], "byId"> },
  list: DeletedList,
  actor: Actor,
): Promise<JoinedAgain> {
  const erasedFor = new Map(list.deleted.map((one) => [one.id, one]));
  const left: number[] = [];
  let joined = 0;
  /** Of somebody who signed up later with this id nothing is joined. */
  const ofThen = async (id: number, erased_at: string) =>
    (await wasThere(db, id, erased_at)) ? users.byId(id) : null;
  for (const { id, erased_at, joined_into } of list.deleted) {
    if (joined_into === undefined) continue;
    const from = await ofThen(id, erased_at);
    if (from === null) continue;
    const into = await ofThen(joined_into, erased_at);
    if (into === null) {
      // Where the other is erased by now, so is this one: whoever joined them wanted both gone.
      if (!erasedFor.has(joined_into)) left.push(id);
      continue;
    }
    const both = { kept: into, joined: from };
    try {
      const { plan } = await joins.preview(both);
      const asked = { actor, by: "operator", digest: plan.digest, isAgain: true } as const;
      const notesSeen = await joins.forgetNotes(both, asked);
      await db.transaction((transaction) => joins.join(transaction, both, { ...asked, notesSeen }));
      joined++;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "joining_prevented") throw error;
      left.push(id);
    }
  }
  return { joined, left };
}
