import { createHmac } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";

/**
 * Fills the tables with accounts, all with one password, the way sign-ups would have left them. Written with
 * plain SQL: a million argon2 hashes would take hours.
 */
export const password = "correct horse battery";

/**
 * A name of its own for each number, at no place in particular among the others, as people's are: names that lie side
 * by side in the index would be found in pages just read. An odd factor takes 32 bits to 32 bits one to one.
 */
export const nameOf = (n: number) => `user_${(Math.imul(n, factor) >>> 0).toString(16)}`;
const factor = 2_654_435_761;
const numberSql = `(n * ${factor}) % 4294967296`;
const nameSql = `'user_' || to_hex(${numberSql})`;
const sqliteNameSql = `'user_' || printf('%x', ${numberSql})`;

/** Adds accounts `from` to `to` (exclusive); `progress` is told the share done. */
export async function addAccounts(
  database: string,
  passwordHash: string,
  { from, to }: { from: number; to: number },
  progress: (share: number) => void,
): Promise<void> {
  const run = database.startsWith("sqlite:") ? sqlite(database.slice(7)) : await postgres(database);
  for (let first = from; first < to; first += run.batch) {
    const last = Math.min(first + run.batch, to);
    await run.add(first, last, passwordHash);
    progress((last - from) / (to - from));
  }
  await run.finish();
}

interface Filler {
  /** So many at a time. */
  readonly batch: number;
  add(first: number, last: number, passwordHash: string): Promise<void>;
  finish(): Promise<void>;
}

function sqlite(file: string): Filler {
  const db = new DatabaseSync(file, { timeout: 10_000 });
  db.exec("pragma cache_size = -400000; pragma synchronous = off");
  const numbers =
    "with recursive numbers(n) as (select :first union all select n + 1 from numbers where n + 1 < :last)";
  const users = db.prepare(
    `insert into users (id, username, email, password_hash, email_verified, joined_at, created_at, updated_at)
     ${numbers} select n, ${sqliteNameSql}, ${sqliteNameSql} || '@example.com', :hash, 1, 0, 0, 0 from numbers`,
  );
  const names = ["", " || '@example.com'"].map((suffix) =>
    db.prepare(
      `insert into login_names (name_key, user_id) ${numbers} select ${sqliteNameSql}${suffix}, n from numbers`,
    ),
  );
  return {
    // Names come in no order: in one transaction each of their pages is written once.
    batch: Number.POSITIVE_INFINITY,
    async add(first, last, hash) {
      db.exec("begin immediate");
      users.run({ first, last, hash });
      for (const name of names) name.run({ first, last });
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
    batch: 10_000,
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
