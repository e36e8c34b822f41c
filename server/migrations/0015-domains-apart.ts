import { domainToASCII, domainToUnicode } from "node:url";
import { type Kysely, sql } from "kysely";

/**
 * The version before finds these accounts by the key that stays. The one before that looks for an address like x@faß.de
 * (only imports brought it such) under the key that goes: it finds the account by its user name alone.
 */
export const oldestProgram = 1;

/**
 * faß.de and fass.de, βόλος.gr and βόλοσ.gr are different domains (IDNA2008, UTS 46 non-transitional), but names were
 * folded together: an account with x@faß.de also held x@fass.de, and kept it from its owner. Such an account gets the
 * key of its own domain alone; where another account has that one, the audit log names them.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  let after = 0;
  for (;;) {
    const { rows } = await sql<{ id: number; username: string; email: string | null }>`
      select id, username, email from users where id > ${after} and (username like '%@%' or email like '%@%')
      order by id limit 1000`.execute(db);
    if (rows.length === 0) return;
    after = rows.at(-1)!.id;
    for (const { id, username, email } of rows) {
      const names = [username, email ?? ""].map(keysOf).filter((keys) => keys !== null);
      const own = new Set(names.map(({ key }) => key));
      for (const { key, folded } of names) {
        if (own.has(folded)) continue;
        const { rows: given } = await sql`
          delete from login_names where name_key = ${folded} and user_id = ${id} returning user_id`.execute(
          db,
        );
        if (given.length > 0) await claim(db, id, key);
      }
    }
  }
}

/** Of an address: its key now, and the one under which its domain was folded like other text. */
function keysOf(name: string): { key: string; folded: string } | null {
  const composed = name.normalize("NFKC");
  const at = composed.lastIndexOf("@");
  const domain = composed.slice(at + 1).replace(/[\u3002\uff0e\uff61]/g, ".");
  if (at < 0 || /[\s%/?#:\\[\]<>|^]/.test(domain)) return null;
  const ascii = domainToASCII(domain);
  if (ascii === "") return null;
  const local = fold(composed.slice(0, at));
  const readable = fold(domainToUnicode(ascii));
  const isApart = domainToASCII(readable) !== ascii;
  const key = `${local}@${ascii}`;
  return { key, folded: isApart ? `${local}@${readable}` : key };
}

function fold(composed: string): string {
  return composed.toUpperCase().toLowerCase().normalize("NFKC");
}

async function claim(db: Kysely<unknown>, id: number, key: string): Promise<void> {
  await sql`insert into login_names (name_key, user_id) values (${key}, ${id}) on conflict do nothing`.execute(
    db,
  );
  const { rows } = await sql<{ user_id: number }>`
    select user_id from login_names where name_key = ${key}`.execute(db);
  const holder = rows[0]!.user_id;
  if (holder === id) return;
  const before = JSON.stringify({ address: "another account has it" });
  const after = JSON.stringify({ other_account: holder });
  await sql`insert into audit_entries (at, actor_id, actor, action, target_kind, target_id, target, before, after)
    values (${Date.now()}, null, 'migration', 'user.shared-address', 'user', ${id}, ${key.slice(0, 255)}, ${before},
    ${after})`.execute(db);
}
