import { createHmac, timingSafeEqual } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { verify } from "@node-rs/argon2";
import Fastify from "fastify";
import pg from "pg";

/**
 * What the product is compared with: the least that could answer the same request. Fastify with a handler
 * written by hand, one prepared read of the same rows, and for the profile an HS256 check by node:crypto.
 * No validation, no CORS, no errors, no limits, no request ids, no log.
 *
 * argv: port, `sqlite:<file>` or `postgres://…`, the HS256 key, a password's hash, hashes at once.
 */
const [port, database = "", secretKey = "", passwordHash = "", hashesAtOnce = "1"] = process.argv.slice(2);
const nameSql = "select user_id from login_names where name_key = ?";
/** With the token's session, as the product reads it. */
const profileSql = `select users.id, username, mobile, email, email_verified, first_name, last_name, is_staff, is_superuser, is_active,
  users.credentials_version, sessions.id as session_id from users left join sessions on sessions.user_id = users.id
  and sessions.id = ? and sessions.ended_at is null and sessions.expires_at > ? where users.id = ?`;
const loginSql =
  "select users.* from login_names join users on users.id = login_names.user_id where login_names.name_key = ?";
type Row = Record<string, unknown> | undefined;
type Read = (...values: (string | number)[]) => Row | Promise<Row>;
const prepare = database.startsWith("sqlite:") ? sqliteRead() : await postgresRead();
const [name, profile, login] = [prepare(nameSql), prepare(profileSql), prepare(loginSql)];

const app = Fastify();
app.get("/hello/", async () => ({ message: "OK" }));
app.get<{ Params: { username: string } }>("/users/usernames/:username/count/", async (request) => {
  const { username } = request.params;
  return { username, count: (await name(username.toLowerCase())) ? 1 : 0 };
});
/** The read of a log-in, without the hash. */
app.get<{ Params: { name: string } }>("/login/:name/", async (request) => {
  const row = await login(request.params.name.toLowerCase());
  return { id: row?.id };
});
/** A log-in without rows, limits, tokens: the hash, as many at once as the product runs. */
const waiting: (() => void)[] = [];
let free = Number(hashesAtOnce);
app.post<{ Body: { password: string } }>("/hash/", async (request) => {
  if (free > 0) free--;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  const ok = await verify(passwordHash, request.body.password);
  const next = waiting.shift();
  if (next) next();
  else free++;
  return { ok };
});
app.get("/user/", async (request, reply) => {
  const claims = verified(request.headers.authorization?.slice(4) ?? "");
  const row = claims && (await profile(claims.sid, Date.now(), claims.user_id));
  if (!row?.session_id) return reply.code(401).send({ detail: "no" });
  const { email_verified, is_staff, is_superuser, is_active, credentials_version, session_id, ...rest } = row;
  return {
    ...rest,
    email_active: email_verified === 1,
    is_staff: is_staff === 1,
    is_superuser: is_superuser === 1,
  };
});
await app.listen({ host: "127.0.0.1", port: Number(port) });
process.once("SIGTERM", () => process.exit(0));

function sqliteRead(): (sql: string) => Read {
  const db = new DatabaseSync(database.slice("sqlite:".length), { timeout: 5000 });
  // As much as the product's: with SQLite's own 2 MB a large table would be read from the disk again and again.
  db.exec("pragma cache_size = -16000");
  return (sql) => {
    const prepared = db.prepare(sql);
    return (...values) => prepared.get(...values) as Row;
  };
}

/** One connection, whose queries are sent without waiting for the answers of those before. */
async function postgresRead(): Promise<(sql: string) => Read> {
  pg.types.setTypeParser(20, Number);
  const client = new pg.Client({ connectionString: database, pipeline: true });
  await client.connect();
  let names = 0;
  return (sql) => {
    let place = 0;
    const query = { name: `read${names++}`, text: sql.replaceAll("?", () => `$${++place}`) };
    return async (...values) => (await client.query({ ...query, values })).rows[0] as Row;
  };
}

function verified(token: string): { user_id: number; sid: string } | null {
  const end = token.lastIndexOf(".");
  const given = Buffer.from(token.slice(end + 1), "base64url");
  const right = createHmac("sha256", secretKey).update(token.slice(0, end)).digest();
  if (given.length !== right.length || !timingSafeEqual(given, right)) return null;
  const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  return claims.exp * 1000 > Date.now() ? claims : null;
}
