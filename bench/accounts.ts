import { createHmac } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";

/**
 * Fills the tables with accounts, all with one password, the way sign-ups would have left them. Written with
 * plain SQL: a million argon2 hashes would take hours.
 */
export const password = "correct horse battery";
const batch = 10_000;

/**
 * A name of its own for each number, at no place in particular among the others, as people's are: names that lie side
 * by side in the index would be found in pages just read. An odd factor takes 32 bits to 32 bits one to one.
 */
export const nameOf = (n: number) => `user_${(Math.imul(n, factor) >>> 0).toString(16)}`;
const factor = 2_654_435_761;
const nameSql = `'user_' || to_hex((n * ${factor}) % 4294967296)`;

/** Adds accounts `from` to `to` (exclusive); `progress` is told the share done. */
export async function addAccounts(
  database: string,
  passwordHash: string,
  { from, to }: { from: number; to: number },
  progress: (share: number) => void,
): Promise<void> {
  const run = database.startsWith("sqlite:") ? sqlite(database.slice(7)) : await postgres(database);
  for (let first = from; first < to; first += batch) {
    const last = Math.min(first + batch, to);
    await run.add(first, last, passwordHash);
    progress((last - from) / (to - from));
  }
  await run.finish();
}

interface Filler {
  add(first: number, last: number, passwordHash: string): Promise<void>;
  finish(): Promise<void>;
}

function sqlite(file: string): Filler {
  const db = new DatabaseSync(file, { timeout: 10_000 });
  const user = db.prepare(
    "insert into users (id, username, email, password_hash, email_verified, joined_at, created_at, updated_at) values (?, ?, ?, ?, 1, 0, 0, 0)",
  );
  const name = db.prepare("insert into login_names (name_key, user_id) values (?, ?)");
  return {
    async add(first, last, passwordHash) {
      db.exec("begin immediate");
      for (let n = first; n < last; n++) {
        const [username, email] = [nameOf(n), `${nameOf(n)}@example.com`];
        user.run(n, username, email, passwordHash);
        name.run(username, n);
        name.run(email, n);
      }
      db.exec("commit");
    },
    async finish() {
      db.exec("analyze; pragma wal_checkpoint(truncate)");
      db.close();
    },
  };
}

async function postgres(url: string): Promise<Filler> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return {
    async add(first, last, passwordHash) {
      const numbers = "generate_series($1::bigint, $2::bigint - 1) as n";
      await client.query(
        `insert into users (id, username, email, password_hash, email_verified, joined_at, created_at, updated_at)
         select n, ${nameSql}, ${nameSql} || '@example.com', $3, 1, 0, 0, 0 from ${numbers}`,
        [first, last, passwordHash],
      );
      for (const suffix of ["", "@example.com"])
        await client.query(
          `insert into login_names (name_key, user_id) select ${nameSql} || $3::text, n from ${numbers}`,
          [first, last, suffix],
        );
    },
    async finish() {
      await client.query("select setval(pg_get_serial_sequence('users', 'id'), (select max(id) from users))");
      await client.query("vacuum analyze users, login_names");
      await client.query("checkpoint");
      await client.end();
    },
  };
}

/** A token as the product issues it, without the log-in: a thousand of them would take half a minute. */
export function tokenFor(
  n: number,
  {
    secretKey,
    nowSeconds,
    serial,
    session,
  }: { secretKey: string; nowSeconds: number; serial: number; session: string },
): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const head = encode({ typ: "JWT", alg: "HS256" });
  const body = encode({
    user_id: n,
    username: nameOf(n),
    exp: nowSeconds + 86_400,
    email: `${nameOf(n)}@example.com`,
    token_type: "access",
    iat: nowSeconds,
    jti: Buffer.from(String(serial).padStart(9, "0")).toString("base64url"),
    v: 0,
    sid: session,
  });
  const signature = createHmac("sha256", secretKey).update(`${head}.${body}`).digest("base64url");
  return `${head}.${body}.${signature}`;
}
