import { domainToASCII } from "node:url";
import { type Kysely, sql } from "kysely";

export const oldestProgram = 1;

/**
 * Addresses in a domain of other letters than ASCII (only imports could bring them) become reachable by the form
 * that browsers make of them: each gets a second log-in name, its domain in punycode. The names that are there stay,
 * so processes of the version before go on. Where another account has that form already, nothing changes: each of
 * the two keeps the writing it has, and the audit log names them.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  let after = "";
  for (;;) {
    const { rows } = await sql<{ name_key: string; user_id: number }>`
      select name_key, user_id from login_names
      where name_key > ${after} and name_key like '%@%' order by name_key limit 1000`.execute(db);
    if (rows.length === 0) return;
    after = rows.at(-1)!.name_key;
    for (const { name_key, user_id } of rows) {
      const key = withAsciiDomain(name_key);
      if (key === name_key) continue;
      const { rows: claimed } = await sql<{ user_id: number }>`
        insert into login_names (name_key, user_id) values (${key}, ${user_id})
        on conflict do nothing returning user_id`.execute(db);
      if (claimed.length > 0) continue;
      const { rows: holders } = await sql<{ user_id: number }>`
        select user_id from login_names where name_key = ${key}`.execute(db);
      if (holders[0]!.user_id !== user_id) await report(db, user_id, name_key, holders[0]!.user_id);
    }
  }
}

function withAsciiDomain(nameKey: string): string {
  const at = nameKey.lastIndexOf("@");
  const domain = nameKey.slice(at + 1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range, where there is nothing to do
  if (/^[\x00-\x7f]*$/.test(domain) || /[\s%/?#:\\[\]<>|^]/.test(domain)) return nameKey;
  const ascii = domainToASCII(domain.replace(/[\u3002\uff0e\uff61]/g, "."));
  const key = nameKey.slice(0, at + 1) + ascii;
  return ascii === "" || key.length > 254 ? nameKey : key;
}

async function report(db: Kysely<unknown>, id: number, target: string, holder: number): Promise<void> {
  const before = JSON.stringify({ address: "another account has it in another writing of its domain" });
  const after = JSON.stringify({ other_account: holder });
  await sql`insert into audit_entries (at, actor_id, actor, action, target_kind, target_id, target, before, after)
    values (${Date.now()}, null, 'migration', 'user.shared-address', 'user', ${id}, ${target.slice(0, 255)}, ${before},
    ${after})`.execute(db);
}
