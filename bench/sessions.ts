import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";

/**
 * Fills the table of sessions, the way log-ins with refresh tokens would have left them: session m is one of account
 * `accountOf(m)`, and none has been renewed. In no order, as random ids are. A version without such a table has none.
 */
export interface Sessions {
  readonly accounts: number;
  readonly sessions: number;
  readonly nowMillis: number;
}

export const accountOf = (m: number, accounts: number) => ((m - 1) % accounts) + 1;
export const sessionIdOf = (m: number) => createHash("md5").update(String(m)).digest("base64url");
const idSql = "translate(rtrim(encode(decode(md5(m::text), 'hex'), 'base64'), '='), '+/', '-_')";

export const sessionSeconds = 30 * 86_400;
const idleSeconds = 14 * 86_400;
const agent =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
const batch = 50_000;

const columns =
  "id, user_id, credentials_version, way, user_agent, network, created_at, last_seen_at, expires_at, idle_seconds";

/** Seen an hour from now: while it is measured no request is the one in ten minutes that notes it. */
const timesOf = (nowMillis: number) => [nowMillis, nowMillis + 3_600_000, nowMillis + sessionSeconds * 1000];

export async function addSessions(
  database: string,
  wanted: Sessions,
  progress: (share: number) => void,
): Promise<void> {
  if (database.startsWith("sqlite:")) addToSqlite(database.slice(7), wanted, progress);
  else await onPostgres(database, (client) => addToPostgres(client, wanted, progress));
}

function addToSqlite(file: string, wanted: Sessions, progress: (share: number) => void): void {
  const { accounts, sessions, nowMillis } = wanted;
  const db = new DatabaseSync(file, { timeout: 10_000 });
  if (db.prepare("select 1 from sqlite_master where name = 'sessions'").get() !== undefined) {
    // Rows come in no order: in one transaction each of their pages is written once.
    db.exec("pragma cache_size = -400000; pragma synchronous = off; begin immediate");
    const add = db.prepare(
      `insert into sessions (${columns}) values (?, ?, 0, 'password', '${agent}', '192.0.2.1', ?, ?, ?, ${idleSeconds})`,
    );
    const times = timesOf(nowMillis);
    for (let first = 1; first <= sessions; first += batch) {
      const last = Math.min(first + batch - 1, sessions);
      for (let m = first; m <= last; m++) add.run(sessionIdOf(m), accountOf(m, accounts), ...times);
      progress(last / sessions);
    }
    db.exec("commit; analyze; pragma wal_checkpoint(truncate)");
  }
  db.close();
}

async function addToPostgres(
  client: pg.Client,
  { accounts, sessions, nowMillis }: Sessions,
  progress: (share: number) => void,
): Promise<void> {
  const { rows } = await client.query("select to_regclass('sessions') is null as missing");
  if (rows[0].missing) return;
  for (let first = 1; first <= sessions; first += batch) {
    const last = Math.min(first + batch - 1, sessions);
    await client.query(
      `insert into sessions (${columns})
       select ${idSql}, (m - 1) % $3::bigint + 1, 0, 'password', '${agent}', '192.0.2.1', $4, $5, $6, ${idleSeconds}
       from generate_series($1::bigint, $2::bigint) as m`,
      [first, last, accounts, ...timesOf(nowMillis)],
    );
    progress(last / sessions);
  }
  await client.query("vacuum analyze sessions");
  await client.query("checkpoint");
}

/** How many rows there are, and of them those that ended more than a week ago. */
export interface SessionCounts {
  readonly all: number;
  readonly old: number;
}

export interface SessionRows {
  /** Ends the sessions of every second account eight days ago: half of them by a log-out, half by their time. */
  endHalf(nowMillis: number): Promise<void>;
  count(nowMillis: number): Promise<SessionCounts>;
  close(): Promise<void>;
}

const day = 86_400_000;
const ended = (then: string) =>
  `update sessions set expires_at = ${then}, ended_at = case user_id % 4 when 0 then ${then} end where user_id % 2 = 0`;
const counted = (limit: string) =>
  `select count(*) as "all", coalesce(sum(case when expires_at <= ${limit} then 1 else 0 end), 0) as old from sessions`;
const countsOf = (row: Record<string, unknown> | undefined): SessionCounts => ({
  all: Number(row?.all),
  old: Number(row?.old),
});

export async function openSessionRows(database: string): Promise<SessionRows> {
  if (database.startsWith("sqlite:")) {
    const db = new DatabaseSync(database.slice(7), { timeout: 60_000 });
    return {
      endHalf: async (now) => db.exec(ended(String(now - 8 * day))),
      count: async (now) => countsOf(db.prepare(counted(String(now - 7 * day))).get()),
      close: async () => db.close(),
    };
  }
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  return {
    endHalf: async (now) => void (await client.query(ended(String(now - 8 * day)))),
    count: async (now) => countsOf((await client.query(counted(String(now - 7 * day)))).rows[0]),
    close: () => client.end(),
  };
}

async function onPostgres(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
